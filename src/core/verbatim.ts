import type { JsonObject } from './json.ts';

/**
 * A JSON object and its text. Where it came over a line, the text is the very bytes that came, and what is passed on
 * is these: nothing is serialised twice, and a number that JavaScript would round stays as it was written.
 */
export class Verbatim {
  readonly value: JsonObject;
  #text: Uint8Array | undefined;

  private constructor(value: JsonObject, text: Uint8Array | undefined) {
    this.value = value;
    this.#text = text;
  }

  /** @param text UTF-8, which must parse to `value` and hold no line feed */
  static asItCame(value: JsonObject, text: Uint8Array): Verbatim {
    return new Verbatim(value, text);
  }

  /** Of a value of our own; it must not change any more. */
  static of(value: JsonObject): Verbatim {
    return new Verbatim(value, undefined);
  }

  /** The same with one more member, which it MUST NOT have: the rest of the text stays as it is. */
  with(name: string, member: JsonObject): Verbatim {
    const value = { ...this.value, [name]: member };
    const isEmpty = Object.keys(this.value).length === 0;
    const more = `${isEmpty ? '{' : ','}${JSON.stringify(name)}:${JSON.stringify(member)}}`;
    const kept = isEmpty ? new Uint8Array() : this.text.subarray(0, this.text.lastIndexOf(0x7d));
    return new Verbatim(value, Buffer.concat([kept, Buffer.from(more)]));
  }

  /** UTF-8, on one line. */
  get text(): Uint8Array {
    this.#text ??= Buffer.from(JSON.stringify(this.value));
    return this.#text;
  }
}
