import type { ShownBlock } from './slack-schema.ts';

/** A message as Slack draws it: plain text is text, whatever stands in it. For pictures, and to look at. */
export function slackPage(
  messages: readonly { readonly place: string; readonly blocks: readonly ShownBlock[] }[],
): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Slack</title><style>${STYLE}</style>
${messages.map(({ place, blocks }) => `<article><p class="place">${escaped(place)}</p><div class="who"><i>P</i><b>Placet</b> <span>APP</span></div>${blocks.map(blockHtml).join('')}</article>`).join('')}</html>`;
}

const STYLE = `body{font:15px/1.46 Lato,"Helvetica Neue",Arial,sans-serif;color:#1d1c1d;margin:0;padding:16px 20px;background:#fff;width:680px}
article{border-bottom:1px solid #eee;padding:6px 0 14px}.place{color:#616061;font-weight:700;margin:4px 0 10px}
.who{margin-bottom:4px}.who i{display:inline-block;width:26px;height:26px;border-radius:5px;background:#2b5d4f;color:#fff;font-style:normal;text-align:center;line-height:26px;margin-right:8px}
.who span{background:#eee;color:#616061;font-size:10px;padding:1px 3px;border-radius:2px}
h3{font-size:18px;margin:8px 0}p,dd{white-space:pre-wrap;overflow-wrap:anywhere;margin:6px 0}.fields{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px}
.note{color:#616061;font-size:13px}hr{border:0;border-top:1px solid #ddd}button{font:700 13px Lato,Arial,sans-serif;padding:6px 12px;margin:6px 8px 6px 0;border-radius:4px;border:1px solid #bbb;background:#fff}
button.primary{background:#007a5a;color:#fff;border-color:#007a5a}button.danger{background:#e01e5a;color:#fff;border-color:#e01e5a}`;

function blockHtml(block: ShownBlock): string {
  switch (block.type) {
    case 'divider':
      return '<hr>';
    case 'header':
      return `<h3>${shown(block.text.text)}</h3>`;
    case 'section':
      if ('fields' in block)
        return `<div class="fields">${block.fields.map((field) => `<p>${shown(field.text)}</p>`).join('')}</div>`;
      return `<p>${shown(block.text.text)}</p>${block.accessory ? buttonHtml(block.accessory) : ''}`;
    case 'context':
      return block.elements.map((element) => `<p class="note">${shown(element.text)}</p>`).join('');
    case 'actions':
      return `<div>${block.elements.map(buttonHtml).join('')}</div>`;
    case 'input':
      return `<p><b>${shown(block.label.text)}</b><br><input></p>`;
  }
}

function buttonHtml(button: {
  readonly text: { readonly text: string };
  readonly style?: string | undefined;
}): string {
  return `<button class="${button.style ?? ''}">${shown(button.text.text)}</button>`;
}

/** Three entities are drawn as what they stand for, and nothing else is read. */
function shown(text: string): string {
  return escaped(
    text.replace(/&(amp|lt|gt);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>' })[name] ?? ''),
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
