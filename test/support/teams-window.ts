import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import type { TeamsMessage } from './adaptive-card-schema.ts';

/** Microsoft's own renderer of Adaptive Cards; it loads in browsers alone. */
const RENDERER = createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.min.js');

const PALETTES = {
  light: {
    page: '#f5f5f5',
    card: '#ffffff',
    text: '#242424',
    soft: '#616161',
    well: '#f0f0f0',
    warn: '#fdf6e3',
    mark: '#ffe7a8',
    good: '#0e700e',
    warning: '#8a5a00',
    bad: '#b10e1c',
  },
  dark: {
    page: '#1f1f1f',
    card: '#292929',
    text: '#ffffff',
    soft: '#adadad',
    well: '#1b1b1b',
    warn: '#3a2f12',
    mark: '#6b5200',
    good: '#6ccb6c',
    warning: '#f2c661',
    bad: '#f1707b',
  },
} as const;

/** A card as Microsoft's renderer draws it, in colours like those of Teams. */
export async function openTeamsWindow(
  browser: Browser,
  message: unknown,
  { width, scheme = 'light' }: { readonly width: number; readonly scheme?: 'light' | 'dark' },
): Promise<Page> {
  const palette = PALETTES[scheme];
  const page = await browser.newPage({ viewport: { width, height: 400 }, deviceScaleFactor: 1.5 });
  await page.setContent(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Teams</title><style>
body{margin:0;padding:16px;background:${palette.page};font:14px/1.4 'Segoe UI',system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:640px;background:${palette.card};border:1px solid ${palette.soft}55;border-radius:8px;padding:4px}
.ac-pushButton{padding:6px 16px;border:1px solid ${palette.soft};border-radius:4px;background:none;color:${palette.text};font:600 14px 'Segoe UI',system-ui,sans-serif}
</style><main></main>`,
  );
  await page.addScriptTag({ content: readFileSync(RENDERER, 'utf8') });
  await page.evaluate(
    `(() => {
      const card = new AdaptiveCards.AdaptiveCard();
      card.hostConfig = new AdaptiveCards.HostConfig(${JSON.stringify(hostConfig(palette))});
      card.parse(${JSON.stringify((message as TeamsMessage).attachments[0].content)});
      document.querySelector('main').append(card.render());
    })()`,
  );
  return page;
}

function hostConfig(palette: (typeof PALETTES)[keyof typeof PALETTES]) {
  const color = (value: string) => ({
    default: value,
    subtle: value === palette.text ? palette.soft : value,
    highlightColors: { default: palette.mark, subtle: palette.mark },
  });
  const style = (backgroundColor: string) => ({
    backgroundColor,
    foregroundColors: {
      default: color(palette.text),
      good: color(palette.good),
      warning: color(palette.warning),
      attention: color(palette.bad),
    },
  });
  return {
    fontFamily: "'Segoe UI', system-ui, sans-serif",
    supportsInteractivity: true,
    spacing: { small: 6, default: 8, medium: 14, large: 20, extraLarge: 28, padding: 14 },
    containerStyles: {
      default: style(palette.card),
      emphasis: style(palette.well),
      warning: style(palette.warn),
    },
    actions: {
      maxActions: 6,
      spacing: 'large',
      buttonSpacing: 8,
      actionsOrientation: 'horizontal',
      actionAlignment: 'left',
    },
  };
}
