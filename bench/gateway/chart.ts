/** One group of bars that belong together. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly { readonly label: string; readonly value: number; readonly own?: boolean }[];
}

const WIDTH = 720;
const BAR = 18;
const GAP = 6;
const LEFT = 190;

/** Horizontal bars of ratios to the direct server, legible on a light and on a dark page. */
export function chart(title: string, groups: readonly BarGroup[]): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = (WIDTH - LEFT - 60) / most;
  const parts: string[] = [];
  let y = 34;
  for (const { title: name, bars } of groups) {
    y += 14;
    parts.push(`<text class="group" x="0" y="${y}">${escaped(name)}</text>`);
    y += 10;
    for (const { label, value, own } of bars) {
      const width = Math.max(1, value * scale);
      parts.push(
        `<text class="label" x="${LEFT - 8}" y="${y + 13}">${escaped(label)}</text>`,
        `<rect class="${own === true ? 'own' : 'bar'}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
        `<text class="value" x="${(LEFT + width + 6).toFixed(1)}" y="${y + 13}">${value.toFixed(2)}</text>`,
      );
      y += BAR + GAP;
    }
    y += 6;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 6}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-size: 15px; font-weight: 600; fill: #24292f } .group { font-weight: 600 } .label { text-anchor: end }
.bar { fill: #8c959f } .own { fill: #1a7f5a }
@media (prefers-color-scheme: dark) { text { fill: #8b949e } .title { fill: #e6edf3 } .bar { fill: #6e7681 } .own { fill: #3fb68b } }
</style>
<text class="title" x="0" y="18">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
