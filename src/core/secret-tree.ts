import type { SecretKind } from './secret-marks.ts';

/** Which members of a value are secret, whatever stands in them: they and those above them, as a tree. */
export class SecretTree {
  #whole: SecretKind | undefined;
  readonly #members = new Map<string, SecretTree>();

  /** The value itself is secret. */
  get whole(): SecretKind | undefined {
    return this.#whole;
  }

  get isEmpty(): boolean {
    return this.#whole === undefined && this.#members.size === 0;
  }

  /** What is known of a member, or of an item by its number. */
  at(name: string): SecretTree | undefined {
    return this.#members.get(name);
  }

  /** Marks the value at `path`. What was marked first says why. */
  mark(path: readonly string[], kind: SecretKind): void {
    const [name, ...rest] = path;
    if (name === undefined) {
      this.#whole ??= kind;
      return;
    }
    const member = this.#members.get(name) ?? new SecretTree();
    this.#members.set(name, member);
    member.mark(rest, kind);
  }
}
