import { isAlias, isMap, isNode, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { messageOf } from '../core/errors.ts';

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A mistake in a policy file, in one sentence that says how to mend it. */
export interface Problem extends Position {
  readonly file: string;
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** One YAML file, as plain data that knows where it stood. */
export interface Source {
  readonly file: string;
  /** Nothing when the file is empty or not YAML. */
  readonly value: unknown;
  /** What is wrong with the YAML itself. */
  readonly problems: readonly Problem[];
  /** The problem at the value at `path`, or at the closest thing around it that is there. */
  problem(path: Path, message: string): Problem;
  /** The problem at the key, not the value, at the end of `path`. */
  problemAtKey(path: Path, message: string): Problem;
  /** The problem `offset` characters into the text at `path`. */
  problemInText(path: Path, offset: number, message: string): Problem;
}

export function readYaml(file: string, text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), message };
  };
  const problems = [...document.errors, ...document.warnings].map((error) =>
    at(error.pos[0], sentence(error.code, error.message)),
  );
  const found = (path: Path) => find(document.contents, path, document);

  let value: unknown;
  try {
    value = document.toJS() ?? undefined;
  } catch (error) {
    problems.push(at(0, `This cannot be read as YAML: ${messageOf(error)}.`));
  }
  return {
    file,
    value: document.errors.some((error) => error.code !== 'DUPLICATE_KEY') ? undefined : value,
    problems,
    problem: (path, message) => at(found(path).start, message),
    problemAtKey: (path, message) => at(found(path).keyStart, message),
    problemInText: (path, offset, message) => {
      const { start, node } = found(path);
      const whole = text.slice(start, node?.range?.[1] ?? start);
      const plain = node && 'value' in node ? whole.indexOf(String(node.value)) : -1;
      // Folded or escaped text does not stand in the file as it reads, so only its beginning is known.
      return at(plain < 0 ? start : start + plain + offset, message);
    },
  };
}

interface Found {
  readonly node: Node | undefined;
  readonly start: number;
  readonly keyStart: number;
}

function find(root: Node | null, path: Path, document: ReturnType<typeof parseDocument>): Found {
  let node = root ?? undefined;
  let start = node?.range?.[0] ?? 0;
  let keyStart = start;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    let child: unknown;
    let key: unknown;
    if (isMap(node)) {
      // Of a repeated key the last one counts, as it does in the data.
      const pair: Pair | undefined = node.items.findLast((item) => String(item.key) === String(step));
      key = pair?.key;
      child = pair?.value;
    } else if (isSeq(node)) {
      child = node.items[Number(step)];
      key = child;
    }
    if (isNode(key) && key.range) keyStart = start = key.range[0];
    if (!isNode(child)) break;
    node = child;
    // An empty value has no place of its own; its key has.
    if (node.range && node.range[1] > node.range[0]) start = node.range[0];
  }
  return { node, start, keyStart };
}

function sentence(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'This key stands here a second time; keep one of the two.';
    case 'MULTIPLE_DOCS':
      return 'A policy file holds one YAML document; remove the --- that begins another.';
    case 'TAG_RESOLVE_FAILED':
      return `Tags that begin with ! have no meaning here; remove it (${message}).`;
    default:
      return `This is not valid YAML: ${message.replace(/\.$/, '')}.`;
  }
}
