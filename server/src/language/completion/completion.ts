import type { TextRange } from '../../pms/text-range.ts';
import type { LanguageSubject } from '../subject.ts';

/** A word that can be inserted at a place of an ebuild. */
export interface Completion {
  readonly kind:
    | 'category'
    | 'package'
    | 'version'
    | 'slot'
    | 'flag'
    | 'eclass'
    | 'variable'
    | 'phase'
    | 'command'
    | 'value'
    | 'comment';
  /** The text that replaces `range`. */
  readonly text: string;
  /** The whole word, or the part of it that is replaced. It contains the requested offset. */
  readonly range: TextRange;
  /** One line for the author, such as what a flag does. */
  readonly detail?: string;
  /** What is inserted instead of `text` where the client knows snippets (LSP, Snippet Syntax). */
  readonly snippet?: string;
  /** The variable of a `value`. */
  readonly variable?: string;
}

export interface Completions {
  readonly items: readonly Completion[];
  /** Whether more words match than are given, so that the editor must ask again when more is typed. */
  readonly isIncomplete: boolean;
}

/** Nobody scrolls through a longer list. */
export const MOST = 300;
export const NONE: Completions = { items: [], isIncomplete: false };

/** What a completion is asked for. */
export interface Request extends LanguageSubject {
  readonly offset: number;
}

/** A word that may be offered, and its detail. */
export type Candidate = Pick<Completion, 'text' | 'detail' | 'snippet'>;

/** The candidates that begin with the typed part of the range. */
export function offer(
  candidates: Iterable<Candidate>,
  kind: Completion['kind'],
  { facts, offset }: { readonly facts: Pick<Request['facts'], 'text'>; readonly offset: number },
  range: TextRange,
  variable?: string,
): Completions {
  const typed = facts.text.slice(range.start, offset);
  const items: Completion[] = [];
  for (const candidate of candidates) {
    if (!candidate.text.startsWith(typed)) continue;
    if (items.length === MOST) return { items, isIncomplete: true };
    items.push({ kind, range, ...candidate, ...(variable === undefined ? {} : { variable }) });
  }
  return { items, isIncomplete: false };
}

/** Words without a detail. */
export function toCandidates(words: Iterable<string>): Candidate[] {
  return Array.from(words, (text) => ({ text }));
}

/** A word with what is said of it, without the marks of code. */
export function withDetail(text: string, detail: string | undefined): Candidate {
  return detail === undefined ? { text } : { text, detail: detail.replaceAll('`', '') };
}

/** Puts lists together. */
export function join(...lists: readonly Completions[]): Completions {
  return {
    items: lists.flatMap(({ items }) => items),
    isIncomplete: lists.some(({ isIncomplete }) => isIncomplete),
  };
}
