import type { TrialRecord } from '../audit/record.ts';
import type { Policy } from './policy.ts';
import { digestResult, type SharedResult } from './statement.ts';

/** A result that trusted keys signed. */
export interface Vote {
  /** Names of keys of the policy; at least one. */
  readonly keys: readonly string[];
  readonly record: TrialRecord;
  readonly result: SharedResult;
  /** Only votes about the same are compared: the same inputs and the same extent of the trial. */
  readonly about: string;
}

/** All votes for one result. */
export interface Side extends Vote {
  /** Each name once, sorted. */
  readonly keys: readonly string[];
}

/** What records of the same ebuild mean together. */
export type Agreement =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'agreed' } & Side)
  /** They agree, and the policy asks for more. */
  | ({ readonly kind: 'too-few' } & Side)
  | { readonly kind: 'disagreed'; readonly sides: readonly Side[] };

/**
 * Decides whether records answer. They agree if their verdicts and images are the same. One that disagrees is enough for a disagreement, whoever
 * signed it, because nobody but a trial can say which one is right.
 */
export function findAgreement(votes: readonly Vote[], { level }: Policy): Agreement {
  const groups = groupBy(votes, ({ about }) => about).map((group) =>
    groupBy(group, ({ result }) => digestResult(result)).map(joinVotes),
  );
  const disagreed = groups.find((sides) => sides.length > 1);
  if (disagreed !== undefined) return { kind: 'disagreed', sides: disagreed };
  const sides = groups.flat();
  const enough = sides.find(({ keys }) => isEnough(keys, level));
  if (enough !== undefined) return { kind: 'agreed', ...enough };
  const [most] = sides.sort((left, right) => right.keys.length - left.keys.length);
  return most === undefined ? { kind: 'none' } : { kind: 'too-few', ...most };
}

function joinVotes(votes: readonly Vote[]): Side {
  const [first] = votes as readonly [Vote, ...Vote[]];
  return { ...first, keys: [...new Set(votes.flatMap(({ keys }) => keys))].sort() };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function isEnough(keys: readonly string[], level: Policy['level']): boolean {
  if (level === 'any') return keys.length > 0;
  return typeof level === 'number' ? keys.length >= level : keys.includes(level);
}

/** `any key`, `2 keys`, `the key build-server` */
export function describeLevel(level: Policy['level']): string {
  if (level === 'any') return 'any key';
  if (typeof level === 'number') return level === 1 ? '1 key' : `${level} keys`;
  return `the key ${level}`;
}

const SHOWN_FINDINGS = 5;

/** A result in some words: `passed, 1 finding (missing-depend sys-libs/zlib), image 0123456789ab`. */
export function describeResult({ outcome, findings, images }: SharedResult): string {
  const named = findings
    .slice(0, SHOWN_FINDINGS)
    .map(({ code, about }) => [code, ...about.slice(0, 1)].join(' '));
  const more = findings.length > SHOWN_FINDINGS ? [`${findings.length - SHOWN_FINDINGS} more`] : [];
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  const found = findings.length === 0 ? 'no finding' : `${count} (${[...named, ...more].join(', ')})`;
  const shown = images.map(({ digest }) => digest.slice(0, 12));
  const image =
    shown.length === 0 ? 'no image' : shown.length === 1 ? `image ${shown[0]}` : `images ${shown.join(' ')}`;
  return `${outcome}, ${found}, ${image}`;
}
