/** A strict reader of the Common Event Format, written from its specification and not from our writer. */
export function parseCef(line: string): {
  readonly header: readonly string[];
  readonly extension: Readonly<Record<string, string>>;
} {
  const header: string[] = [];
  let part = '';
  let at = 0;
  for (; at < line.length && header.length < 7; at += 1) {
    const sign = line[at] ?? '';
    if (sign === '\\') {
      at += 1;
      if (!['\\', '|'].includes(line[at] ?? ''))
        throw new Error(`In the header a backslash stands before ${line[at]}.`);
      part += line[at];
    } else if (sign === '|') {
      header.push(part);
      part = '';
    } else part += sign;
  }
  const extension: Record<string, string> = {};
  const rest = line.slice(at);
  const keys = [...rest.matchAll(/(?:^| )([A-Za-z0-9]+)(?<!\\)=/g)];
  keys.forEach((key, index) => {
    const value = rest.slice(key.index + key[0].length, keys[index + 1]?.index);
    if (/(?<!\\)(?:\\\\)*=/.test(value)) throw new Error(`An equals sign is not escaped in ${key[1]}.`);
    if ((key[1] ?? '') in extension) throw new Error(`${key[1]} stands twice.`);
    extension[key[1] ?? ''] = value.replaceAll(/\\([\\=nr])/g, (_, sign: string) =>
      sign === 'n' ? '\n' : sign === 'r' ? '\r' : sign,
    );
  });
  return { header, extension };
}
