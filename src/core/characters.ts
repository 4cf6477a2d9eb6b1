/** How many code points a text has: what is called a character when one is counted or cut. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; count += 1) index += widthAt(text, index);
  return count;
}

/** The first `count` code points; none is cut in two. */
export function firstCharacters(text: string, count: number): string {
  let index = 0;
  for (let done = 0; done < count && index < text.length; done += 1) index += widthAt(text, index);
  return text.slice(0, index);
}

/** The last `count` code points; none is cut in two. */
export function lastCharacters(text: string, count: number): string {
  let index = text.length;
  for (let done = 0; done < count && index > 0; done += 1) {
    index -= index > 1 && widthAt(text, index - 2) === 2 ? 2 : 1;
  }
  return text.slice(index);
}

/** At most `max` code points, marked where something is missing. */
export function shortened(text: string, max: number): string {
  return countCharacters(text) <= max ? text : `${firstCharacters(text, max - 1)}…`;
}

function widthAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}
