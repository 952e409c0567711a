import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PlanInput, planSweep } from '../../server/src/sweep/plan.ts';

const ebuild = (name: string, needs: readonly string[] = [], duration?: number): PlanInput => ({
  package: name,
  needs,
  duration,
});

/** The packages in the order of the plan. */
const orderOf = (ebuilds: readonly PlanInput[]) =>
  planSweep(ebuilds).map(({ at }) => ebuilds[at]?.package ?? '');

describe('the plan of a sweep', () => {
  test('has each ebuild after those that it depends on', () => {
    expect(orderOf([ebuild('a/app', ['a/lib']), ebuild('a/lib', ['a/base']), ebuild('a/base')])).toEqual([
      'a/base',
      'a/lib',
      'a/app',
    ]);
  });

  test('begins with what the longest chain of trials follows, and ends with the shortest trials', () => {
    const order = orderOf([
      ebuild('a/short', [], 1000),
      ebuild('a/long', ['a/tiny'], 90_000),
      ebuild('a/middle', [], 20_000),
      ebuild('a/tiny', [], 10),
    ]);
    expect(order).toEqual(['a/tiny', 'a/long', 'a/middle', 'a/short']);
  });

  test('has trials with the same dependencies together, if they take about as long', () => {
    const [first, second] = [['b/x', 'b/y'], ['b/z']] as const;
    const order = planSweep([
      ebuild('a/1', first, 1010),
      ebuild('a/2', second, 1020),
      ebuild('a/3', [...first].reverse(), 1030),
      ebuild('a/4', second, 1040),
      ebuild('a/5', first, 9000),
    ]);
    expect(order.map(({ at }) => at)).toEqual([4, 2, 0, 3, 1]);
  });

  test('expects of an ebuild what its package, its category or all took, if it was never tried', () => {
    const planned = planSweep([
      ebuild('a/known', [], 5000),
      ebuild('a/known'),
      ebuild('a/other'),
      ebuild('b/other'),
      ebuild('b/x', [], 100),
      ebuild('c/none'),
    ]);
    const byPlace = [...planned].sort((left, right) => left.at - right.at);
    // Of two, the upper one is the median.
    expect(byPlace.map(({ expected }) => expected)).toEqual([5000, 5000, 5000, 100, 100, 5000]);
    expect(planSweep([ebuild('a/b')])).toEqual([{ at: 0, expected: 120_000 }]);
  });

  test('takes packages that depend on each other for one, and stays the same whatever their order was', () => {
    const circle = [ebuild('a/1', ['a/2'], 10), ebuild('a/2', ['a/3'], 30), ebuild('a/3', ['a/1'], 20)];
    const around = [ebuild('a/base', [], 1), ebuild('a/app', ['a/2'], 1)];
    const needsBase = circle.map((input) => ({ ...input, needs: [...input.needs, 'a/base'] }));
    const order = ['a/base', 'a/2', 'a/3', 'a/1', 'a/app'];
    expect(orderOf([...around, ...needsBase])).toEqual(order);
    expect(orderOf([...needsBase.reverse(), ...around])).toEqual(order);
  });

  test('follows a chain that is longer than the stack', () => {
    const count = 50_000;
    const chain = Array.from({ length: count }, (_, at) => ebuild(`a/${at}`, [`a/${at + 1}`], 1));
    expect(orderOf(chain).slice(0, 2)).toEqual([`a/${count - 1}`, `a/${count - 2}`]);
  });

  test('takes no time for the product of many versions and many that need them', () => {
    const count = 30_000;
    const versions = Array.from({ length: count }, () => ebuild('a/lib', ['a/base'], 10));
    const users = Array.from({ length: count }, (_, at) => ebuild(`b/${at}`, ['a/lib', 'a/base'], 10));
    const began = performance.now();
    const order = orderOf([...users, ...versions, ebuild('a/base', [], 10)]);
    // The product would take minutes.
    expect(performance.now() - began).toBeLessThan(5000);
    expect(order[0]).toBe('a/base');
    expect(order.slice(1, count + 1)).toEqual(versions.map((version) => version.package));
  });

  test('has every ebuild once, and none before one that it depends on, whatever they are', () => {
    const name = fc.integer({ min: 0, max: 15 }).map((number) => `c${number % 3}/p${number}`);
    const input = fc.record({
      package: name,
      needs: fc.array(name, { maxLength: 4 }),
      duration: fc.option(fc.integer({ min: 0, max: 1e7 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (ebuilds) => {
        const planned = planSweep(ebuilds);
        expect(planned.map(({ at }) => at).sort((left, right) => left - right)).toEqual([...ebuilds.keys()]);
        const reach = reachOf(ebuilds);
        const places = new Map(planned.map(({ at }, place) => [at, place]));
        for (const [at, own] of ebuilds.entries())
          for (const [other, needed] of ebuilds.entries()) {
            const isNeeded = own.needs.includes(needed.package) && own.package !== needed.package;
            if (!isNeeded || reach(needed.package).has(own.package)) continue;
            expect(places.get(other)).toBeLessThan(places.get(at) ?? 0);
          }
      }),
    );
  });
});

/** The packages that a package depends on, directly or not. */
function reachOf(ebuilds: readonly PlanInput[]) {
  return (start: string): ReadonlySet<string> => {
    const reached = new Set<string>([start]);
    for (const name of reached)
      for (const found of ebuilds)
        if (found.package === name) for (const need of found.needs) reached.add(need);
    return reached;
  };
}
