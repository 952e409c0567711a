import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImageDifference } from '../../../server/src/audit/record.ts';
import type { Denial } from '../../../server/src/trace/denial.ts';
import type { BuildOutcome } from '../../../server/src/trial/builder/build-plan.ts';
import { listProbes, tryProbes } from '../../../server/src/trial/comparing/probes.ts';
import { findSmallestSet } from '../../../server/src/trial/smallest-set.ts';

function denial(name: string, more: Partial<Denial> = {}): Denial {
  return {
    package: { category: 'cat', name, version: '1', slot: '0', subslot: '0', use: [] },
    phase: 'configure',
    variable: 'DEPEND',
    evidence: [],
    last: 0,
    kinds: ['header'],
    bounds: [],
    weak: false,
    ...more,
  };
}

const linked = (name: string): ImageDifference => ({
  aspect: 'linked-library',
  change: 'added',
  path: '/usr/bin/hello',
  name,
});

/** What the build does when it sees all of some packages; names separated by blanks. */
interface Project {
  /** What the image then links. */
  readonly links?: Readonly<Record<string, string>>;
  readonly breaksWith?: readonly string[];
  /** What it then asks for. */
  readonly asks?: Readonly<Record<string, string>>;
  /** What is shown with a package because it needs that in order to run. */
  readonly brings?: Readonly<Record<string, string>>;
}

async function tryProject(names: string, project: Project, mostBuilds = 99) {
  const builds: string[] = [];
  const split = (text: string) => text.split(' ').filter((word) => word !== '');
  const effects = await tryProbes(
    split(names).map((name) => denial(name)),
    {
      most: mostBuilds,
      brings: (one, other) => split(project.brings?.[one.package.name] ?? '').includes(other.package.name),
      show: async (shown) => {
        const named = shown.map((one) => one.package.name);
        const seen = [...named, ...named.flatMap((name) => split(project.brings?.[name] ?? ''))];
        const sees = (condition: string) => split(condition).every((name) => seen.includes(name));
        builds.push(named.join(' '));
        const passed = !(project.breaksWith ?? []).some(sees);
        const asked = Object.entries(project.asks ?? {}).flatMap(([condition, asks]) =>
          sees(condition) ? split(asks) : [],
        );
        const denials = asked.filter((name) => !seen.includes(name)).map((name) => denial(name));
        const outcome = {
          passed,
          failure: passed ? undefined : { phase: 'compile', firstError: 'no' },
          denials: passed ? [] : denials,
          observations: { denials },
        } as unknown as BuildOutcome;
        const differences = Object.entries(project.links ?? {}).flatMap(([condition, library]) =>
          sees(condition) ? [linked(library)] : [],
        );
        return {
          outcome,
          differences: passed ? differences : [],
          gained: new Set(sees('png') && project.links !== undefined ? ['cat/png-1'] : []),
        };
      },
    },
  );
  const told = effects.map(({ denial: { package: one }, effect, beside = [], differences }) =>
    [
      one.name,
      effect,
      ...differences.map(({ name }) => name),
      ...beside.map((other) => `beside ${other.package.name}`),
    ].join(' '),
  );
  return { told, builds };
}

describe('what showing a probed package does', () => {
  test('nothing that was probed, nothing to build', async () => {
    expect(await tryProject('', {})).toEqual({ told: [], builds: [] });
  });

  test('one build tells that several do nothing', async () => {
    expect(await tryProject('gawk nasm png', {})).toEqual({
      told: ['gawk none', 'nasm none', 'png none'],
      builds: ['gawk nasm png'],
    });
  });

  test('the one that changes the image is found among many, with what it changes', async () => {
    const { told, builds } = await tryProject('a b c d png e f g', { links: { png: 'libpng16.so.16' } });
    expect(told).toEqual([
      'a none',
      'b none',
      'c none',
      'd none',
      'png changes libpng16.so.16',
      'e none',
      'f none',
      'g none',
    ]);
    expect(builds).toEqual(['a b c d png e f g', 'png', 'a b c d e f g']);
  });

  test('one that the image does not come to need is found by halving', async () => {
    const { told, builds } = await tryProject('a b c d e f g h', { links: { f: 'lib of another' } });
    expect(told.filter((one) => !one.endsWith('none'))).toEqual(['f changes lib of another']);
    expect(builds.length).toBeLessThanOrEqual(8);
  });

  test('two have each their own difference', async () => {
    const { told } = await tryProject('png gawk tiff', {
      links: { png: 'libpng16.so.16', tiff: 'libtiff.so.6' },
    });
    expect(told).toEqual(['png changes libpng16.so.16', 'gawk none', 'tiff changes libtiff.so.6']);
  });

  test('two that only do something together have it both', async () => {
    const { told } = await tryProject('gawk pkgconf png', { links: { 'pkgconf png': 'libpng16.so.16' } });
    expect(told).toEqual([
      'gawk none',
      'pkgconf changes libpng16.so.16 beside png',
      'png changes libpng16.so.16 beside pkgconf',
    ]);
  });

  test('what does more beside one that does something alone is not lost', async () => {
    const { told } = await tryProject('png zlib gawk', {
      links: { png: 'libpng16.so.16', 'png zlib': 'libz.so.1' },
    });
    expect(told).toEqual(['png changes libpng16.so.16', 'zlib changes libz.so.1 beside png', 'gawk none']);
  });

  test('what is only asked for once another is there is tried as well', async () => {
    const { told } = await tryProject('pkgconf', {
      asks: { pkgconf: 'png gawk' },
      links: { 'pkgconf png': 'libpng16.so.16' },
    });
    expect(told).toEqual([
      'pkgconf changes libpng16.so.16 beside png',
      'png changes libpng16.so.16 beside pkgconf',
      'gawk none',
    ]);
  });

  test('what a package only does by what it brings is not its effect', async () => {
    const brings = { 'gtk-doc': 'xml' };
    const harmless = await tryProject('gtk-doc xml', { brings, links: { xml: 'libxml2.so.2' } });
    expect(harmless.told).toEqual(['gtk-doc none', 'xml changes libxml2.so.2']);
    const links = { xml: 'libxml2.so.2', 'gtk-doc': 'libgtkdoc.so' };
    const both = await tryProject('gtk-doc xml', { brings, links });
    expect(both.told).toEqual(['gtk-doc changes libgtkdoc.so', 'xml changes libxml2.so.2']);
  });

  test('one that breaks the build hides no other', async () => {
    const { told } = await tryProject('png old gawk', {
      breaksWith: ['old'],
      links: { png: 'libpng16.so.16' },
    });
    expect(told).toEqual(['png changes libpng16.so.16', 'old breaks', 'gawk none']);
  });

  test('what is not known after as many builds as are allowed is untried', async () => {
    const links = { a: 'liba.so', c: 'libc.so' };
    const { told, builds } = await tryProject('a b c d', { links }, 4);
    expect(builds).toHaveLength(4);
    expect(told).toContain('a changes liba.so');
    expect(told.filter((one) => one.endsWith('untried')).length).toBeGreaterThan(0);
    expect(told.filter((one) => one.endsWith('none'))).toEqual([]);
  });

  test('whatever has an effect alone is found, and nothing else', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    await fc.assert(
      fc.asyncProperty(fc.subarray(names), async (active) => {
        const links = Object.fromEntries(active.map((name) => [name, `lib${name}.so`]));
        const { told } = await tryProject(names.join(' '), { links });
        expect(told).toEqual(
          names.map((name) => (active.includes(name) ? `${name} changes lib${name}.so` : `${name} none`)),
        );
      }),
    );
  });
});

test('a package that was denied in several phases and ways is one probe; what is hardly ever a reason, or for tests, is none', () => {
  const probes = listProbes([
    denial('png'),
    denial('python', { weak: true }),
    denial('valgrind', { phase: 'test' }),
    denial('png', { phase: 'compile', kinds: ['program'] }),
  ]);
  expect(probes.map(({ package: { name }, kinds }) => [name, kinds])).toEqual([
    ['png', ['header', 'program']],
  ]);
});

test('a smallest set shows the effect, and no part of it does', async () => {
  const things = Array.from({ length: 12 }, (_, index) => index);
  await fc.assert(
    fc.asyncProperty(fc.subarray(things, { minLength: 1, maxLength: 4 }), async (needed) => {
      const shows = async (some: readonly number[]) => needed.every((one) => some.includes(one));
      expect([...((await findSmallestSet(things, shows)) ?? [])].sort()).toEqual([...needed].sort());
    }),
  );
});
