import type { TextRange } from '../../pms/text-range.ts';

/**
 * The kinds of words, among the standard types of LSP 3.17, so that every theme has colours for them. What an eclass gives is a `property` or
 * a `method`: it is to its ebuilds what a class is to its objects.
 */
export const TOKEN_TYPES = [
  /** A category, and an eclass. */
  'namespace',
  /** The name of a package. */
  'class',
  /** A slot. */
  'type',
  /** A USE flag. */
  'enumMember',
  /** A version. */
  'number',
  'operator',
  /** A variable of PMS or of the ebuild. */
  'variable',
  /** A variable of an eclass. */
  'property',
  /** A phase, a command of PMS, a function of the ebuild. */
  'function',
  /** A function of an eclass. */
  'method',
] as const;

/** `defaultLibrary`: PMS gives it its meaning. `readonly`: the package manager or an eclass sets it. */
export const TOKEN_MODIFIERS = ['declaration', 'readonly', 'defaultLibrary'] as const;

/** A word whose kind a grammar cannot know. It lies on one line. */
export interface SemanticToken extends TextRange {
  readonly type: (typeof TOKEN_TYPES)[number];
  readonly modifiers: readonly (typeof TOKEN_MODIFIERS)[number][];
}

/** Makes a token without modifiers. */
export function plainToken(type: SemanticToken['type'], start: number, end: number): SemanticToken {
  return { type, start, end, modifiers: [] };
}
