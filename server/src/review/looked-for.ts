import type { TrialRecord } from '../audit/record.ts';
import { nameOf, type PackageName } from '../pms/package-name.ts';

/** How the packages that a build looks for differ from those of the old version's build. Sorted. */
export interface LookedFor {
  readonly newly: readonly PackageName[];
  readonly noLonger: readonly PackageName[];
}

/**
 * Compares what two builds looked for: packages that they need, use because the ebuild declares them, or looked for and did without. A package
 * that comes from @system or through others is not named, but one that was reached in that way before is not new either.
 */
export function compareLookedFor(before: TrialRecord, after: TrialRecord): LookedFor {
  const [old, now] = [reachedIn(before), reachedIn(after)];
  return {
    newly: [...wantedIn(after)].filter((name) => !old.has(name)).sort(),
    noLonger: [...wantedIn(before)].filter((name) => !now.has(name)).sort(),
  };
}

function wantedIn(record: TrialRecord): Set<PackageName> {
  return namesIn(record, ({ licence }) => licence === 'declared');
}

function reachedIn(record: TrialRecord): Set<PackageName> {
  return namesIn(record, () => true);
}

function namesIn(
  record: TrialRecord,
  counts: (use: TrialRecord['uses'][number]) => boolean,
): Set<PackageName> {
  const states = [record, ...record.variants];
  const found = states.flatMap(({ needs, probes, uses }) => [...needs, ...probes, ...uses.filter(counts)]);
  return new Set(found.map((reached) => nameOf(reached.package)));
}
