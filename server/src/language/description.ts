import type { TextRange } from '../pms/text-range.ts';

/** A part of a description, in the order in which it is read. */
export type Paragraph =
  /** Code of its own: a synopsis, an example. */
  | { readonly kind: 'code'; readonly text: string }
  /** Sentences of this program; code stands between backticks. */
  | { readonly kind: 'text'; readonly text: string }
  /** Text that an eclass, an ebuild or a repository wrote. */
  | { readonly kind: 'quote'; readonly text: string }
  /** A table of two columns. */
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, text: string])[] }
  | { readonly kind: 'link'; readonly uri: string };

/** What is said of a word that the author points at. */
export interface Description {
  /** The word. */
  readonly range: TextRange;
  readonly paragraphs: readonly Paragraph[];
}
