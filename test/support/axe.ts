import axe from 'axe-core';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

/** What of WCAG 2.2 AA and of good practice axe-core can tell by itself. */
const RULES: RunOptions = {
  runOnly: {
    type: 'tag',
    values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'],
  },
  resultTypes: ['violations'],
};

/** The rules of these that look at colours: what else they say is the same by day and by night. */
export const COLOURS: RunOptions = {
  runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
  resultTypes: ['violations'],
};

/**
 * What keeps people from using the page as it stands now, one line each: the rule, how bad, where, and why; empty when
 * axe-core finds nothing.
 *
 * It runs in a JavaScript world of its own beside the page's, through DevTools, so that it needs no gap in the page's
 * content security policy and the page cannot tell.
 */
export async function axeViolations(page: Page, rules: RunOptions = RULES): Promise<readonly string[]> {
  const devTools = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await devTools.send('Page.getFrameTree');
    const { executionContextId: contextId } = await devTools.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
      worldName: 'axe',
    });
    const run = async (expression: string): Promise<unknown> => {
      const { result, exceptionDetails } = await devTools.send('Runtime.evaluate', {
        contextId,
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (exceptionDetails)
        throw new Error(
          `axe-core failed: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`,
        );
      return result.value;
    };
    await run(`${axe.source};0`);
    const text = await run(`axe.run(document, ${JSON.stringify(rules)}).then((all) => JSON.stringify(all))`);
    const { violations, testEngine } = JSON.parse(String(text)) as AxeResults;
    if (testEngine.name !== 'axe-core') throw new Error('axe-core did not run.');
    return violations.flatMap((violation) =>
      violation.nodes.map(
        (node) =>
          `${violation.id} (${violation.impact ?? 'minor'}) at ${node.target.join(' ')}: ${(
            node.failureSummary ?? violation.help
          )
            .replaceAll(/\s+/g, ' ')
            .trim()}`,
      ),
    );
  } finally {
    await devTools.detach();
  }
}
