import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Atom, parseAtom } from '../../server/src/pms/atom.ts';
import { type OrderedEbuild, sortByDependency } from '../../server/src/pms/dependency-order.ts';

function atom(text: string): Atom {
  const { atom: parsed } = parseAtom(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function ebuild(id: string, atoms: readonly string[], slot?: string): OrderedEbuild {
  const [, name = '', version = ''] = /^(.*)-(\d.*)$/.exec(id) ?? [];
  return { category: 'a', name, version, slot, subslot: slot, atoms: atoms.map(atom) };
}

/** The ids in their order. */
function sorted(...ebuilds: readonly OrderedEbuild[]): string {
  return sortByDependency(ebuilds)
    .order.map((at) => `${ebuilds[at]?.name}-${ebuilds[at]?.version}`)
    .join(' ');
}

describe('ebuilds in the order of their dependencies', () => {
  test('come after those that their atoms match, and otherwise as they were given', () => {
    expect(sorted(ebuild('c-1', ['a/b']), ebuild('x-1', []), ebuild('b-1', ['a/a']), ebuild('a-1', []))).toBe(
      'x-1 a-1 b-1 c-1',
    );
    expect(sorted(ebuild('b-1', []), ebuild('a-1', []))).toBe('b-1 a-1');
  });

  test.each([
    ['>=a/a-2', 'b-1 a-1'],
    ['<a/a-2', 'a-1 b-1'],
    ['!a/a', 'b-1 a-1'],
    ['a/a:0', 'a-1 b-1'],
    ['a/a:0/0=', 'a-1 b-1'],
    ['a/a:5', 'b-1 a-1'],
    // How a package must be built does not say whether it is needed first.
    ['a/a[ssl]', 'a-1 b-1'],
    ['a/a::elsewhere', 'a-1 b-1'],
    ['z/a', 'b-1 a-1'],
  ])('an atom %s gives %s', (text, order) => {
    expect(sorted(ebuild('b-1', [text]), ebuild('a-1', [], '0'))).toBe(order);
  });

  test('of which the slot is not known match every slot', () => {
    expect(sorted(ebuild('b-1', ['a/a:5/6']), ebuild('a-1', []))).toBe('a-1 b-1');
  });

  test('that depend on each other stand together as they were given, after what any of them needs', () => {
    const given = [
      ebuild('d-1', ['a/c']),
      ebuild('b-1', ['a/c']),
      ebuild('c-1', ['a/b', 'a/e']),
      ebuild('e-1', ['a/e']),
    ];
    expect(sorted(...given)).toBe('e-1 b-1 c-1 d-1');
    expect(sortByDependency(given)).toEqual({
      order: [3, 1, 2, 0],
      needs: [[2], [], [1, 3], []],
      cycles: [[1, 2]],
    });
  });
});

/** For each ebuild the numbers of those that it depends on. */
const graphs = fc
  .integer({ min: 1, max: 9 })
  .chain((size) =>
    fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
  );

const toEbuilds = (graph: readonly (readonly number[])[]) =>
  graph.map((needs, at) =>
    ebuild(
      `p${at}-1`,
      needs.map((need) => `a/p${need}`),
    ),
  );

/** Whether one can be reached from the other by one dependency or more. */
function reaches(graph: readonly (readonly number[])[], from: number, to: number): boolean {
  const seen = new Set<number>();
  const visit = (at: number): boolean =>
    (graph[at] ?? []).some((need) => need === to || (!seen.has(need) && seen.add(need) && visit(need)));
  return visit(from);
}

describe('whatever the dependencies are', () => {
  test('each ebuild is there once, after all that it needs and that do not need it', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { order, needs } = sortByDependency(toEbuilds(graph));
        expect([...order].sort((left, right) => left - right)).toEqual([...graph.keys()]);
        for (const [at, wanted] of graph.entries()) {
          for (const need of wanted) {
            if (need === at) continue;
            const isBefore = order.indexOf(need) < order.indexOf(at);
            expect(needs[at]?.includes(need)).toBe(isBefore);
            if (!reaches(graph, need, at)) expect(isBefore).toBe(true);
          }
          expect(needs[at]?.every((need) => wanted.includes(need))).toBe(true);
        }
      }),
    );
  });

  test('the cycles are those that need each other, together and as they were given', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { order, cycles } = sortByDependency(toEbuilds(graph));
        const groups = new Set(
          [...graph.keys()].map((at) =>
            JSON.stringify(
              [...graph.keys()].filter(
                (other) => other === at || (reaches(graph, at, other) && reaches(graph, other, at)),
              ),
            ),
          ),
        );
        const expected = [...groups].map((group) => JSON.parse(group)).filter(({ length }) => length > 1);
        expect(cycles).toEqual(expected);
        for (const cycle of cycles) {
          const start = order.indexOf(cycle[0] ?? -1);
          expect(order.slice(start, start + cycle.length)).toEqual(cycle);
        }
      }),
    );
  });

  test('an order that is already right stays as it is', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const ebuilds = toEbuilds(graph);
        const { order } = sortByDependency(ebuilds);
        const again = sortByDependency(order.map((at) => ebuilds[at] as OrderedEbuild));
        expect(again.order).toEqual([...order.keys()]);
      }),
    );
  });
});
