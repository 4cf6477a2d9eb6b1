import { unlinked } from '../unlinked.ts';

/**
 * The subset of Adaptive Cards 1.5 (https://adaptivecards.io/explorer/) of which our cards are made. A TextBlock
 * reads Markdown, so it holds words of ours alone; text of anybody else stands in text runs, which read none.
 */
export interface AdaptiveCard {
  readonly type: 'AdaptiveCard';
  readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  readonly version: '1.5';
  readonly msteams: { readonly width: 'Full' };
  /** For programs that cannot draw it. */
  readonly fallbackText: string;
  readonly body: readonly Block[];
  readonly actions?: readonly OpenUrl[];
}

export type Block = TextBlock | RichTextBlock | Container | ColumnSet;

export interface TextBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly weight?: 'Bolder';
  readonly color?: Color;
  readonly spacing?: Spacing;
  readonly style?: 'heading';
}

export interface RichTextBlock {
  readonly type: 'RichTextBlock';
  readonly inlines: readonly TextRun[];
  readonly spacing?: Spacing;
}

export interface TextRun extends RunStyle {
  readonly type: 'TextRun';
  readonly text: string;
}

export interface RunStyle {
  readonly weight?: 'Bolder';
  readonly size?: 'Small' | 'Large';
  readonly fontType?: 'Monospace';
  readonly isSubtle?: true;
  readonly italic?: true;
  readonly highlight?: true;
  readonly color?: Color;
}

export interface Container {
  readonly type: 'Container';
  readonly style: 'default' | 'emphasis' | 'warning';
  readonly spacing?: Spacing;
  readonly items: readonly Block[];
}

export interface ColumnSet {
  readonly type: 'ColumnSet';
  readonly spacing?: Spacing;
  readonly columns: readonly Column[];
}

export interface Column {
  readonly type: 'Column';
  readonly width: '100px' | 'stretch';
  readonly items: readonly RichTextBlock[];
}

export interface OpenUrl {
  readonly type: 'Action.OpenUrl';
  readonly title: string;
  readonly url: string;
}

export type Color = 'Good' | 'Warning' | 'Attention';
export type Spacing = 'None' | 'Small' | 'Medium' | 'Large';

/** A paragraph of text runs. */
export function paragraph(inlines: readonly TextRun[], spacing?: Spacing): RichTextBlock {
  return { type: 'RichTextBlock', inlines, ...(spacing === undefined ? {} : { spacing }) };
}

/**
 * Text of anybody as text runs. In a run too, programs replace `{{DATE(…)}}` and `{{TIME(…)}}`, so no run holds two
 * braces next to each other.
 */
export function runs(text: string, style: RunStyle = {}): readonly TextRun[] {
  return unlinked(text)
    .split(/(?<=\{)(?=\{)/)
    .map((part) => ({ type: 'TextRun', text: part, ...style }));
}

/** How many bytes it takes as JSON in UTF-8. */
export function sizeOf(part: unknown): number {
  return Buffer.byteLength(JSON.stringify(part), 'utf8');
}
