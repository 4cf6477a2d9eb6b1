import { survives } from './exact-number.ts';
import type { Json } from './json.ts';

export type JsonFault =
  | 'json_invalid'
  | 'json_batch'
  | 'json_duplicate_member'
  | 'json_case_collision'
  | 'json_number'
  | 'json_lone_surrogate'
  | 'json_too_deep';

export type JudgedJson =
  | { readonly ok: true; readonly value: Json }
  | {
      readonly ok: false;
      readonly code: JsonFault;
      /** One sentence, fit for whoever wrote the text. */
      readonly message: string;
      /** Offset into the text in UTF-16 code units. */
      readonly at: number;
      /** The members that lead to the fault, outermost first; array elements are left out. */
      readonly path: readonly string[];
    };

export interface JudgeOptions {
  /** How many objects and arrays may stand inside each other. */
  readonly maxDepth: number;
}

/**
 * Parses JSON (RFC 8259) and refuses what two parsers could read differently, in one scan over the text:
 *
 * - a member that stands twice in one object, compared after escapes are resolved, at any depth;
 * - members that differ only in case, as some decoders (Go's) take either for the other: in the message itself,
 *   in its `params`, and among the names of `params.arguments`. Deeper inside the arguments `a` and `A` are
 *   data, such as environment variables, and stay. No schema is asked: a tool whose own argument names
 *   differ only in case cannot be called, which is the price of one rule that always holds;
 * - numbers that do not survive a round trip by value through a double: 9007199254740993, 1e400, 1e-400, -0 and
 *   0.10000000000000001 are refused; 1.0, 1e2 and 0.1 are not, as they come out with the value they went in with;
 * - halves of surrogate pairs, raw or escaped;
 * - an array at the top, which is a JSON-RPC batch.
 *
 * A member called `__proto__` is an ordinary member of the value.
 */
export function judgeJson(text: string, options: JudgeOptions): JudgedJson {
  const scanner = new Scanner(text, options.maxDepth);
  try {
    return { ok: true, value: scanner.document() };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, ...error.fault };
    throw error;
  }
}

type Found = Omit<Extract<JudgedJson, { readonly ok: false }>, 'ok'>;

class Fault extends Error {
  readonly fault: Found;

  constructor(fault: Found) {
    super(fault.message);
    this.fault = fault;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

class Scanner {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #path: string[] = [];
  #at = 0;
  #depth = 0;
  #arrays = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): Json {
    if (!this.#text.isWellFormed())
      throw this.#fault('json_lone_surrogate', 'holds half of a surrogate pair');
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) === OPEN_BRACKET) {
      throw this.#fault('json_batch', 'is a batch; send each message by itself');
    }
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(): Json {
    this.#skipSpace();
    switch (this.#text.charCodeAt(this.#at)) {
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#array();
      case QUOTE:
        return this.#string();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      throw this.#fault('json_too_deep', `is nested deeper than ${this.#maxDepth} levels`);
    }
    this.#at += 1;
    this.#skipSpace();
  }

  #object(): Json {
    this.#enter();
    const members: Record<string, Json> = {};
    const folded = this.#isReadByName() ? new Set<string>() : undefined;
    if (this.#leave(CLOSE_BRACE)) return members;
    do {
      this.#skipSpace();
      if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#unexpected();
      const name = this.#string();
      if (Object.hasOwn(members, name)) {
        throw this.#fault('json_duplicate_member', `holds the member ${brief(name)} twice`);
      }
      if (folded) {
        const fold = name.toUpperCase().toLowerCase();
        if (folded.has(fold)) {
          throw this.#fault(
            'json_case_collision',
            `holds members that differ from ${brief(name)} only in case, which some programs take for the same`,
          );
        }
        folded.add(fold);
      }
      this.#skipSpace();
      if (!this.#take(COLON)) throw this.#unexpected();
      this.#path.push(name);
      const value = this.#value();
      this.#path.pop();
      if (name === '__proto__') define(members, name, value);
      else members[name] = value;
      this.#skipSpace();
    } while (this.#take(COMMA));
    if (!this.#leave(CLOSE_BRACE)) throw this.#unexpected();
    return members;
  }

  #array(): Json {
    this.#enter();
    const elements: Json[] = [];
    if (this.#leave(CLOSE_BRACKET)) return elements;
    this.#arrays += 1;
    do {
      elements.push(this.#value());
      this.#skipSpace();
    } while (this.#take(COMMA));
    if (!this.#leave(CLOSE_BRACKET)) throw this.#unexpected();
    this.#arrays -= 1;
    return elements;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    let escaped = false;
    for (;;) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        ESCAPE.lastIndex = end;
        if (!ESCAPE.test(text)) {
          this.#at = end;
          throw this.#unexpected();
        }
        end = ESCAPE.lastIndex;
      } else if (code >= SPACE) {
        end += 1;
      } else {
        this.#at = end;
        throw this.#unexpected();
      }
    }
    this.#at = end + 1;
    if (!escaped) return text.slice(start + 1, end);
    const value = JSON.parse(text.slice(start, end + 1)) as string;
    if (!value.isWellFormed()) {
      this.#at = start;
      throw this.#fault('json_lone_surrogate', 'holds half of a surrogate pair');
    }
    return value;
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text)?.[0];
    if (found === undefined) throw this.#unexpected();
    const value = Number(found);
    if (!survives(found, value)) {
      throw this.#fault(
        'json_number',
        `holds the number ${brief(found)}, which does not survive a round trip`,
      );
    }
    this.#at += found.length;
    return value;
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== SPACE && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at += 1;
    return true;
  }

  #leave(code: number): boolean {
    if (!this.#take(code)) return false;
    this.#depth -= 1;
    return true;
  }

  /** The message itself, its `params`, and `params.arguments`. */
  #isReadByName(): boolean {
    const [first, second] = this.#path;
    return (
      this.#arrays === 0 &&
      this.#path.length <= 2 &&
      (first === undefined || (first === 'params' && (second === undefined || second === 'arguments')))
    );
  }

  #unexpected(): Fault {
    const code = this.#text.codePointAt(this.#at);
    return this.#fault(
      'json_invalid',
      code === undefined
        ? 'is not JSON: it ends too early'
        : `is not JSON: ${brief(String.fromCodePoint(code))} is unexpected at character ${this.#at + 1}`,
    );
  }

  #fault(code: JsonFault, what: string): Fault {
    const path = [...this.#path];
    const where = path.length === 0 ? 'The message' : `The message, at ${brief(path.join('.'))},`;
    return new Fault({ code, message: `${where} ${what}.`, at: this.#at, path });
  }
}

/** As JSON.parse does it: an own member, never the prototype. */
function define(members: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
}

function brief(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text);
}

/** Line and column, both from one, of an offset into a text. */
export function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
