/**
 * Text in which nothing leads anywhere: chats make links of what looks like an address, wherever it stands.
 */
export function inert(text: string): string {
  return text
    .replaceAll('://', '[:]//')
    .replace(/\bwww\./gi, 'www[.]')
    .replace(/\b(mailto|tel|javascript|data|slack):/gi, '$1[:]')
    .replace(/(?<=[\p{L}\p{N}])\.(?=[\p{L}]{2,}[/?#:])/gu, '[.]')
    .replace(/(?<=\S)@(?=\S)/g, '[@]');
}

/**
 * For the text beside blocks, which notifications show and Slack reads for markup: its control characters are
 * escaped, and nothing mentions anybody.
 */
export function inertMarkup(text: string): string {
  return inert(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(?<!\[)@/g, '[@]');
}
