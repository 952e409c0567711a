import fc from 'fast-check';
import type { FuzzTarget } from './target.ts';

/** One change of a text. Places are shares of its length, so that they mean something in every text. */
type Mutation =
  | { readonly kind: 'cut'; readonly from: number; readonly length: number }
  | { readonly kind: 'truncate'; readonly from: number }
  | { readonly kind: 'insert'; readonly from: number; readonly text: string; readonly times: number }
  | { readonly kind: 'repeat'; readonly from: number; readonly length: number; readonly times: number }
  | { readonly kind: 'splice'; readonly from: number; readonly other: number };

/** Longer inputs than this prove nothing more: an ebuild of this length does not exist. */
const LONGEST = 64_000;

/** Texts for a parser: real ones with a few changes, pieces of its own vocabulary, and anything at all. */
export function inputsFor(target: FuzzTarget): fc.Arbitrary<string> {
  const word = fc.oneof(
    fc.constantFrom(...target.words),
    fc.constantFrom(
      '"',
      "'",
      '(',
      ')',
      '{',
      '}',
      '$',
      '`',
      '\\',
      '\n',
      '\r\n',
      ' ',
      '#',
      '\0',
      '\ufeff',
      '\ud800',
      '=',
      '[',
      ']',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const from = fc.double({ min: 0, max: 1, noNaN: true });
  const length = fc.oneof({ weight: 4, arbitrary: fc.nat(12) }, { weight: 1, arbitrary: fc.nat(2000) });
  const times = fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(5000) });
  const mutation: fc.Arbitrary<Mutation> = fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), from, length }),
    fc.record({ kind: fc.constant('truncate' as const), from }),
    fc.record({ kind: fc.constant('insert' as const), from, text: word, times }),
    fc.record({ kind: fc.constant('repeat' as const), from, length, times }),
    fc.record({ kind: fc.constant('splice' as const), from, other: fc.nat() }),
  );
  const mutated = fc
    .tuple(fc.nat(), fc.array(mutation, { maxLength: 4 }))
    .map(([seed, mutations]) =>
      mutations.reduce((text, change) => mutate(text, change, target.seeds), pick(target.seeds, seed)),
    );
  const composed = fc.array(word, { maxLength: 30 }).map((words) => words.join(''));
  return fc.oneof({ weight: 6, arbitrary: mutated }, { weight: 2, arbitrary: composed });
}

function mutate(text: string, mutation: Mutation, seeds: readonly string[]): string {
  const at = Math.floor(mutation.from * text.length);
  switch (mutation.kind) {
    case 'cut':
      return text.slice(0, at) + text.slice(at + mutation.length);
    case 'truncate':
      return text.slice(0, at);
    case 'insert':
      return limit(text.slice(0, at) + mutation.text.repeat(mutation.times) + text.slice(at));
    case 'repeat': {
      const piece = text.slice(at, at + mutation.length);
      const most = Math.floor(LONGEST / Math.max(piece.length, 1));
      return limit(text.slice(0, at) + piece.repeat(Math.min(mutation.times, most)) + text.slice(at));
    }
    case 'splice':
      return limit(text.slice(0, at) + pick(seeds, mutation.other).slice(at));
  }
}

const limit = (text: string): string => text.slice(0, LONGEST);

const pick = (seeds: readonly string[], index: number): string => seeds[index % seeds.length] ?? '';
