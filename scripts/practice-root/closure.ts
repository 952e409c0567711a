import { type DebianPackage, nativeArchitecture } from './dpkg.ts';

/**
 * What every Debian machine has in its own way and no build looks at: a dependency that one of these satisfies is not followed, since the
 * machine's installer has chosen among them.
 */
const MACHINERY = new Set(['cdebconf', 'debconf', 'usr-is-merged', 'usrmerge']);

/**
 * The packages that `seeds` and Debian's essential packages need, sorted by name: by Depends and Pre-Depends, not by Recommends. What else is
 * installed makes no difference. A dependency that several packages can satisfy is satisfied by one that is needed anyway; the others are
 * decided at last, in an order of their own, for the package that Debian names first.
 *
 * @throws an Error with a sentence for the user when a seed is not installed
 */
export function closeOver(packages: readonly DebianPackage[], seeds: readonly string[]): DebianPackage[] {
  const native = nativeArchitecture(packages);
  const eligible = packages.filter(({ architecture }) => architecture === native || architecture === 'all');
  const byName = new Map(eligible.map((entry) => [entry.name, entry] as const));
  const providers = providersOf(eligible);
  const closure = new Set<DebianPackage>();
  const undecided = new Map<string, readonly DebianPackage[]>();
  const candidatesOf = (names: readonly string[]): readonly DebianPackage[] =>
    names.flatMap((name) => [byName.get(name) ?? [], providers.get(name) ?? []].flat());

  const take = (first: DebianPackage): void => {
    const waiting = [first];
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      if (closure.has(entry)) continue;
      closure.add(entry);
      for (const names of entry.dependsOn) waiting.push(...follow(names));
    }
  };
  /** The package that a dependency names, where it names a single one that is there; others wait. */
  const follow = (names: readonly string[]): readonly DebianPackage[] => {
    if (names.some((name) => MACHINERY.has(name))) return [];
    const single = names.length === 1 ? byName.get(names[0] ?? '') : undefined;
    if (single !== undefined) return [single];
    undecided.set(names.join(' | '), candidatesOf(names));
    return [];
  };

  for (const entry of eligible.filter(({ essential }) => essential)) take(entry);
  for (const seed of seeds) {
    if (candidatesOf([seed]).length === 0)
      throw new Error(
        `Run: apt-get install ${seed}. The practice root is to have it, and it is not installed.`,
      );
    for (const entry of follow([seed])) take(entry);
  }
  const isOpen = (candidates: readonly DebianPackage[]): boolean =>
    candidates.length > 0 && !candidates.some((candidate) => closure.has(candidate));
  for (let left = true; left; ) {
    const open = [...undecided].filter(([, candidates]) => isOpen(candidates)).sort(byKey);
    const chosen = open[0]?.[1][0];
    if (chosen !== undefined) take(chosen);
    left = open.length > 0;
  }
  return [...closure].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function providersOf(packages: readonly DebianPackage[]): Map<string, DebianPackage[]> {
  const providers = new Map<string, DebianPackage[]>();
  for (const entry of [...packages].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const name of entry.provides) providers.set(name, [...(providers.get(name) ?? []), entry]);
  }
  return providers;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
