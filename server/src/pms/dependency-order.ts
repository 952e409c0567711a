import type { Atom } from './atom.ts';
import { matchesAtom } from './match.ts';

/** One of several ebuilds that are built one after another. */
export interface OrderedEbuild {
  readonly category: string;
  readonly name: string;
  /** Version with revision, `PVR` of PMS 11.1. */
  readonly version: string;
  /** Undefined if it is not known; any slot then matches, and any subslot. */
  readonly slot: string | undefined;
  readonly subslot: string | undefined;
  /** The atoms that it depends on. Blockers count for nothing. */
  readonly atoms: readonly Atom[];
}

/** The order in which ebuilds are built. Ebuilds are numbers: their places in the list that was given. */
export interface DependencyOrder {
  /** Each ebuild once, after those that it depends on. */
  readonly order: readonly number[];
  /** For each ebuild of the list, those before it in the order that it depends on by itself, smallest first. */
  readonly needs: readonly (readonly number[])[];
  /** Groups in which each ebuild depends on each other, directly or not. They stand together in the order, as they were given. */
  readonly cycles: readonly (readonly number[])[];
}

/**
 * Sorts ebuilds by their dependencies on each other. Of those that could be next, the first that was given is. USE dependencies and
 * repositories do not count: they say how a package must be built, and not whether it is needed first.
 */
export function sortByDependency(ebuilds: readonly OrderedEbuild[]): DependencyOrder {
  const wanted = ebuilds.map((ebuild, at) =>
    ebuilds.flatMap((other, place) => (place !== at && dependsOn(ebuild, other) ? [place] : [])),
  );
  const reached = wanted.map((_, at) => reachableFrom(at, wanted));
  const groups = ebuilds.flatMap((_, at) => {
    const group = [...ebuilds.keys()].filter(
      (other) => other === at || (reached[at]?.has(other) && reached[other]?.has(at)),
    );
    // Each group once, by its first ebuild.
    return group[0] === at ? [group] : [];
  });
  const order: number[] = [];
  const waiting = [...groups];
  while (waiting.length > 0) {
    const isReady = (group: readonly number[]) =>
      group.every((at) => wanted[at]?.every((need) => group.includes(need) || order.includes(need)));
    // Without cycles among groups, one is always ready.
    const [next = []] = waiting.splice(waiting.findIndex(isReady), 1);
    order.push(...next);
  }
  const placeOf = new Map(order.map((ebuild, place) => [ebuild, place]));
  const isBefore = (left: number, right: number) => (placeOf.get(left) ?? 0) < (placeOf.get(right) ?? 0);
  return {
    order,
    needs: wanted.map((needs, at) => needs.filter((need) => isBefore(need, at))),
    cycles: groups.filter(({ length }) => length > 1),
  };
}

function dependsOn({ atoms }: OrderedEbuild, other: OrderedEbuild): boolean {
  return atoms.some((atom) => {
    if (atom.blocker !== '') return false;
    const slot = other.slot ?? atom.slot ?? '0';
    const subslot = other.subslot ?? atom.subslot ?? slot;
    return matchesAtom({ ...atom, use: [], repository: undefined }, { ...other, slot, subslot, use: [] });
  });
}

function reachableFrom(start: number, wanted: readonly (readonly number[])[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [...(wanted[start] ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    open.push(...(wanted[at] ?? []));
  }
  return reached;
}
