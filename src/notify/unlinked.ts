/** Programs make links of what looks like an address; brackets keep the agent's words from becoming one. */
export function unlinked(text: string): string {
  return text
    .replaceAll('://', '[:]//')
    .replace(/\bwww\./gi, 'www[.]')
    .replace(/\b(mailto|tel|javascript|data):/gi, '$1[:]')
    .replace(/(?<=[\p{L}\p{N}])\.(?=[\p{L}]{2,}[/?#:])/gu, '[.]')
    .replace(/(?<=\S)@(?=\S)/g, '[@]');
}
