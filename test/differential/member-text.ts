/** The text of a member of the object that this JSON is, as it stands there; nothing where it has no such member. */
export function memberText(json: string, name: string): string | undefined {
  let depth = 0;
  let key: string | undefined;
  let start = -1;
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (char === '"') {
      const end = endOfString(json, at);
      if (depth === 1 && start < 0) key = JSON.parse(json.slice(at, end + 1)) as string;
      at = end;
    } else if (char === '{' || char === '[') {
      depth += 1;
    } else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0 && key === name) return json.slice(start, at).trim();
    } else if (depth === 1 && char === ':' && start < 0) {
      start = at + 1;
    } else if (depth === 1 && char === ',') {
      if (key === name) return json.slice(start, at).trim();
      start = -1;
    }
  }
  return undefined;
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at += 1) {
    if (json[at] === '\\') at += 1;
    else if (json[at] === '"') return at;
  }
  throw new Error('A string does not end.');
}
