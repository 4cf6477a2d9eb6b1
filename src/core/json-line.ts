import type { Json } from './json.ts';

type Step = { readonly value: Json } | { readonly text: string };

/** JSON on one line for people to read. It walks without recursion, as what is nested deep would end the process. */
export function jsonLine(json: Json): string {
  const out: string[] = [];
  const ahead: Step[] = [{ value: json }];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    if ('text' in next) {
      out.push(next.text);
      continue;
    }
    const { value } = next;
    if (value === null || typeof value !== 'object') out.push(JSON.stringify(value));
    else for (const step of stepsOf(value).reverse()) ahead.push(step);
  }
  return out.join('');
}

function stepsOf(value: object): Step[] {
  const list = Array.isArray(value);
  const steps: Step[] = [{ text: list ? '[' : '{' }];
  for (const [key, member] of Object.entries(value) as [string, Json][]) {
    if (steps.length > 1) steps.push({ text: ', ' });
    if (!list) steps.push({ text: `${JSON.stringify(key)}: ` });
    steps.push({ value: member });
  }
  steps.push({ text: list ? ']' : '}' });
  return steps;
}

/** Whether two values are the same JSON: the order of members does not matter. Without recursion. */
export function sameJson(a: Json, b: Json): boolean {
  const pairs: (readonly [Json | undefined, Json | undefined])[] = [[a, b]];
  for (let next = pairs.pop(); next; next = pairs.pop()) {
    const [left, right] = next;
    if (left === right) continue;
    if (typeof left !== 'object' || typeof right !== 'object' || !left || !right) return false;
    if (Array.isArray(left) !== Array.isArray(right)) return false;
    const keys = Object.keys(left);
    if (keys.length !== Object.keys(right).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(right, key)) return false;
      pairs.push([left[key as never], right[key as never]]);
    }
  }
  return true;
}
