import { median } from './median.ts';

/** What the plan needs to know of an ebuild. */
export interface PlanInput {
  /** `category/name`. */
  readonly package: string;
  /** The packages that it depends on, in any order; those that are not in the plan do not count. */
  readonly needs: readonly string[];
  /** How long its last trial took, in milliseconds; undefined if that is not known. */
  readonly duration: number | undefined;
}

/** A trial of the plan. */
export interface PlannedTrial {
  /** The place of the ebuild in the list that was given. */
  readonly at: number;
  /** How long it will take, in milliseconds. */
  readonly expected: number;
}

/** Of an ebuild about which nothing is known, in milliseconds. */
const USUAL_DURATION = 120_000;

/**
 * The ratio of two ranks that count as equal, so that trials with the same dependencies can stand together. Each rank is the sum of durations
 * that are estimates, so nothing is lost.
 */
const SAME_RANK = 1.25;

/**
 * Plans the trials of a sweep. An ebuild stands after those that it depends on. Otherwise, the ebuild with the longest chain of trials behind it
 * comes first (list scheduling by critical path, "highest level first"). So packages that much depends on are judged early, and only short
 * trials are left for the end, in which not all workers are busy. If chains are about equally long, trials with the same dependencies stand
 * together: a worker then has everything but the ebuild already.
 *
 * No trial waits for another: the order is a wish, and not a condition.
 *
 * Versions of a package stand for each other, and packages that depend on each other count as one. The time is that of a sort.
 */
export function planSweep(ebuilds: readonly PlanInput[]): readonly PlannedTrial[] {
  const expected = expectDurations(ebuilds);
  const graph = readGraph(ebuilds);
  const { groupOf, groups } = findGroups(graph.needs);
  const levels = rankGroups(groups, groupOf, graph, expected);
  const sets = numberSets(ebuilds, graph.packageOf);
  const keys = ebuilds.map((_, at) => {
    const { after, depth } = levels[groupOf[graph.packageOf[at] ?? 0] ?? 0] ?? { after: 0, depth: 0 };
    const rank = after + (expected[at] ?? 0);
    return { at, rank, bucket: Math.floor(Math.log(rank) / Math.log(SAME_RANK)), depth, set: sets[at] ?? 0 };
  });
  keys.sort(
    (left, right) =>
      right.bucket - left.bucket ||
      left.depth - right.depth ||
      left.set - right.set ||
      right.rank - left.rank ||
      left.at - right.at,
  );
  return keys.map(({ at }) => ({ at, expected: expected[at] ?? 0 }));
}

/** The duration of each ebuild: that of its last trial, else the median of its package, of its category, or of all. */
function expectDurations(ebuilds: readonly PlanInput[]): readonly number[] {
  const known = new Map<string, number[]>();
  const keysOf = (name: string) => [name, name.slice(0, name.indexOf('/') + 1), ''];
  for (const { package: name, duration } of ebuilds) {
    if (duration === undefined) continue;
    for (const key of keysOf(name)) {
      const durations = known.get(key);
      if (durations === undefined) known.set(key, [duration]);
      else durations.push(duration);
    }
  }
  const medians = new Map([...known].map(([key, durations]) => [key, median(durations)]));
  return ebuilds.map(({ package: name, duration }) => {
    const usual = keysOf(name)
      .map((key) => medians.get(key))
      .find((found) => found !== undefined);
    // A rank is positive, so that what is needed has a higher one.
    return Math.max(1, duration ?? usual ?? USUAL_DURATION);
  });
}

/** The packages of a plan as numbers. */
interface PackageGraph {
  /** The package of each ebuild. */
  readonly packageOf: readonly number[];
  /** The packages that each package needs. */
  readonly needs: readonly (readonly number[])[];
}

function readGraph(ebuilds: readonly PlanInput[]): PackageGraph {
  const numbers = new Map<string, number>();
  for (const { package: name } of ebuilds) if (!numbers.has(name)) numbers.set(name, numbers.size);
  const packageOf = ebuilds.map(({ package: name }) => numbers.get(name) ?? 0);
  const needs = Array.from({ length: numbers.size }, () => new Set<number>());
  for (const [at, ebuild] of ebuilds.entries()) {
    const own = packageOf[at] ?? 0;
    for (const name of ebuild.needs) {
      const needed = numbers.get(name);
      if (needed !== undefined && needed !== own) needs[own]?.add(needed);
    }
  }
  return { packageOf, needs: needs.map((set) => [...set]) };
}

/** Packages that depend on each other, directly or not; most groups have one package. */
interface Groups {
  /** The group of each package. */
  readonly groupOf: readonly number[];
  /** A group stands after those that it needs. */
  readonly groups: readonly (readonly number[])[];
}

/** Finds strongly connected components (Tarjan, 1972), without recursion, because a chain may be long. */
function findGroups(needs: readonly (readonly number[])[]): Groups {
  const groupOf = new Array<number>(needs.length).fill(-1);
  const groups: number[][] = [];
  /** The number of each node in the order of visits; -1: not visited. */
  const visits = new Array<number>(needs.length).fill(-1);
  const lowest = new Array<number>(needs.length).fill(0);
  const open: number[] = [];
  let visited = 0;
  const lower = (node: number, value: number) => {
    lowest[node] = Math.min(lowest[node] ?? 0, value);
  };
  const enter = (node: number) => {
    visits[node] = lowest[node] = visited++;
    open.push(node);
    return { node, next: 0 };
  };
  for (let start = 0; start < needs.length; start++) {
    if (visits[start] !== -1) continue;
    const path = [enter(start)];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const { node } = step;
      const target = needs[node]?.[step.next++];
      if (target !== undefined) {
        if (visits[target] === -1) path.push(enter(target));
        else if (groupOf[target] === -1) lower(node, visits[target] ?? 0);
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above !== undefined) lower(above.node, lowest[node] ?? 0);
      if (lowest[node] !== visits[node]) continue;
      const group = open.splice(open.lastIndexOf(node));
      for (const member of group) groupOf[member] = groups.length;
      groups.push(group);
    }
  }
  return { groupOf, groups };
}

interface Level {
  /** The duration of the longest chain of trials that depend on the group, without its own, in milliseconds. */
  after: number;
  /** The length of the longest chain of groups that it needs. */
  depth: number;
}

function rankGroups(
  groups: readonly (readonly number[])[],
  groupOf: readonly number[],
  { packageOf, needs }: PackageGraph,
  expected: readonly number[],
): readonly Level[] {
  const levels = groups.map((): Level => ({ after: 0, depth: 0 }));
  const longest = new Array<number>(groups.length).fill(0);
  for (const [at, own] of packageOf.entries()) {
    const group = groupOf[own] ?? 0;
    longest[group] = Math.max(longest[group] ?? 0, expected[at] ?? 0);
  }
  const eachNeed = (at: number, use: (needed: number) => void) => {
    for (const member of groups[at] ?? [])
      for (const need of needs[member] ?? []) {
        const needed = groupOf[need] ?? 0;
        if (needed !== at) use(needed);
      }
  };
  for (const [at, level] of levels.entries())
    eachNeed(at, (needed) => {
      level.depth = Math.max(level.depth, (levels[needed]?.depth ?? 0) + 1);
    });
  // From the last group, which nothing needs, to the first.
  for (let at = groups.length - 1; at >= 0; at--) {
    const chain = (levels[at]?.after ?? 0) + (longest[at] ?? 0);
    eachNeed(at, (needed) => {
      const level = levels[needed];
      if (level !== undefined) level.after = Math.max(level.after, chain);
    });
  }
  return levels;
}

/** Numbers the sets of dependencies, so that equal sets have equal numbers. */
function numberSets(ebuilds: readonly PlanInput[], packageOf: readonly number[]): readonly number[] {
  const words = new Map<string, number>();
  const numbers = new Map<string, number>();
  return ebuilds.map(({ needs }, at) => {
    const own = needs.map((name) => {
      const number = words.get(name) ?? words.size;
      words.set(name, number);
      return number;
    });
    // Without dependencies, only versions of one package are alike.
    const key = own.length === 0 ? `p${packageOf[at]}` : own.sort((left, right) => left - right).join();
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
