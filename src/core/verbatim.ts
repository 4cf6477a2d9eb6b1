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

  /** UTF-8, on one line. */
  get text(): Uint8Array {
    this.#text ??= Buffer.from(JSON.stringify(this.value));
    return this.#text;
  }
}
