import type { BundlePart } from '../bundle/report-input.ts';
import { assessmentResultsText } from '../oscal/assessment-results.ts';
import { gatherFacts } from './gather.ts';
import { printPdf, type PrintOptions } from './pdf.ts';
import { reportPage } from './report-page.ts';
import { sampleIndexPage } from './sample/index-page.ts';
import { samplePage } from './sample/sample-page.ts';

/** Writes what people read of a bundle, and the same for programs that read OSCAL. */
export function createReportPart(options: PrintOptions = {}): BundlePart {
  return async (input, files) => {
    const facts = await gatherFacts(input);
    const printed = await printPdf(reportPage(facts, 'paper'), options);
    if ('pdf' in printed) await files.write('report.pdf', printed.pdf);
    else files.note('report.pdf', printed.none);
    const said = 'pdf' in printed ? facts : { ...facts, no_pdf: printed.none };
    await files.write('report.html', reportPage(said));
    await files.write('sample/index.html', sampleIndexPage(facts));
    for (const call of facts.sample.calls) {
      await files.write(`${call.folder}/index.html`, samplePage(call, facts));
    }
    await files.write('oscal/assessment-results.json', assessmentResultsText(facts));
  };
}
