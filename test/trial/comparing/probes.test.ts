import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImageDifference } from '../../../server/src/audit/record.ts';
import type { Denial } from '../../../server/src/trace/denial.ts';
import { listProbes, type ProbedOutcome, tryProbes } from '../../../server/src/trial/comparing/probes.ts';
import { findSmallestSet } from '../../../server/src/trial/smallest-set.ts';

function denial(name: string, more: Partial<Denial> = {}): Denial {
  return {
    package: { category: 'cat', name, version: '1', slot: '0', subslot: '0', use: [] },
    phase: 'configure',
    variable: 'DEPEND',
    evidence: [],
    first: 0,
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

/** The behaviour of a build that sees all packages of a condition: their names, separated by blanks. */
interface Project {
  /** The library that the image then links. */
  readonly links?: Readonly<Record<string, string>>;
  readonly breaksWith?: readonly string[];
  /** The packages without which another one breaks the build. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** The packages that the build then asks for. */
  readonly asks?: Readonly<Record<string, string>>;
  /** The packages that are shown with another one, which needs them in order to run. */
  readonly brings?: Readonly<Record<string, string>>;
}

async function tryProject(names: string, project: Project, mostBuilds = 99) {
  const builds: string[] = [];
  const split = (text: string) => text.split(' ').filter((word) => word !== '');
  const effects = await tryProbes(
    split(names).map((name) => denial(name)),
    {
      most: mostBuilds,
      brings: (bringing, brought) =>
        split(project.brings?.[bringing.package.name] ?? '').includes(brought.package.name),
      isReal: async () => true,
      show: async (shown) => {
        const named = shown.map((probe) => probe.package.name);
        const seen = [...named, ...named.flatMap((name) => split(project.brings?.[name] ?? ''))];
        const sees = (condition: string) => split(condition).every((name) => seen.includes(name));
        builds.push(named.join(' '));
        const lacking = Object.entries(project.lacks ?? {}).some(
          ([name, other]) => sees(name) && !sees(other),
        );
        const passed = !lacking && !(project.breaksWith ?? []).some(sees);
        const asked = Object.entries(project.asks ?? {}).flatMap(([condition, asks]) =>
          sees(condition) ? split(asks) : [],
        );
        const denials = asked.filter((name) => !seen.includes(name)).map((name) => denial(name));
        const outcome: ProbedOutcome = {
          passed,
          failure: passed ? undefined : { phase: 'compile', firstError: 'no' },
          denials: passed ? [] : denials,
          observations: { denials, uses: [], unlicensedRuns: [], incidents: [], gaps: [] },
          layers: [],
          image: undefined,
        };
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
  const summaries = effects.map(({ denial: { package: probed }, effect, beside = [], differences }) =>
    [
      probed.name,
      effect,
      ...differences.map(({ name }) => name),
      ...beside.map((companion) => `beside ${companion.package.name}`),
    ].join(' '),
  );
  return { summaries, builds };
}

describe('the effect of showing a probed package', () => {
  test('without a probe nothing is built', async () => {
    expect(await tryProject('', {})).toEqual({ summaries: [], builds: [] });
  });

  test('one build shows that several have no effect', async () => {
    expect(await tryProject('gawk nasm png', {})).toEqual({
      summaries: ['gawk none', 'nasm none', 'png none'],
      builds: ['gawk nasm png'],
    });
  });

  test('the one that changes the image is found among many, with the difference', async () => {
    const { summaries, builds } = await tryProject('a b c d png e f g', { links: { png: 'libpng16.so.16' } });
    expect(summaries).toEqual([
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

  test('one that the image does not need is found by halving', async () => {
    const { summaries, builds } = await tryProject('a b c d e f g h', { links: { f: 'lib of another' } });
    expect(summaries.filter((summary) => !summary.endsWith('none'))).toEqual(['f changes lib of another']);
    expect(builds.length).toBeLessThanOrEqual(8);
  });

  test('two have each their own difference', async () => {
    const { summaries } = await tryProject('png gawk tiff', {
      links: { png: 'libpng16.so.16', tiff: 'libtiff.so.6' },
    });
    expect(summaries).toEqual(['png changes libpng16.so.16', 'gawk none', 'tiff changes libtiff.so.6']);
  });

  test('two that only do something together have it both', async () => {
    const { summaries } = await tryProject('gawk pkgconf png', {
      links: { 'pkgconf png': 'libpng16.so.16' },
    });
    expect(summaries).toEqual([
      'gawk none',
      'pkgconf changes libpng16.so.16 beside png',
      'png changes libpng16.so.16 beside pkgconf',
    ]);
  });

  test('an effect of two together is found even if one of them has another effect alone', async () => {
    const { summaries } = await tryProject('png zlib gawk', {
      links: { png: 'libpng16.so.16', 'png zlib': 'libz.so.1' },
    });
    expect(summaries).toEqual([
      'png changes libpng16.so.16',
      'zlib changes libz.so.1 beside png',
      'gawk none',
    ]);
  });

  test('a package that is asked for only with another one visible is tried as well', async () => {
    const { summaries } = await tryProject('pkgconf', {
      asks: { pkgconf: 'png gawk' },
      links: { 'pkgconf png': 'libpng16.so.16' },
    });
    expect(summaries).toEqual([
      'pkgconf changes libpng16.so.16 beside png',
      'png changes libpng16.so.16 beside pkgconf',
      'gawk none',
    ]);
  });

  test('an effect of a package that another one brings is not an effect of the other one', async () => {
    const brings = { 'gtk-doc': 'xml' };
    const harmless = await tryProject('gtk-doc xml', { brings, links: { xml: 'libxml2.so.2' } });
    expect(harmless.summaries).toEqual(['gtk-doc none', 'xml changes libxml2.so.2']);
    const links = { xml: 'libxml2.so.2', 'gtk-doc': 'libgtkdoc.so' };
    const both = await tryProject('gtk-doc xml', { brings, links });
    expect(both.summaries).toEqual(['gtk-doc changes libgtkdoc.so', 'xml changes libxml2.so.2']);
  });

  test('one that breaks the build does not hide the others', async () => {
    const { summaries } = await tryProject('png old gawk', {
      breaksWith: ['old'],
      links: { png: 'libpng16.so.16' },
    });
    expect(summaries).toEqual(['png changes libpng16.so.16', 'old breaks', 'gawk none']);
  });

  test('one that breaks the build only because another one is hidden has its effect with that', async () => {
    const { summaries } = await tryProject('gawk flex png', {
      lacks: { png: 'flex' },
      links: { 'flex png': 'libpng16.so.16' },
    });
    expect(summaries).toEqual([
      'gawk none',
      'flex changes libpng16.so.16 beside png',
      'png changes libpng16.so.16 beside flex',
    ]);
  });

  test('a probe that is undecided at the limit of builds is untried', async () => {
    const links = { a: 'liba.so', c: 'libc.so' };
    const { summaries, builds } = await tryProject('a b c d', { links }, 4);
    expect(builds).toHaveLength(4);
    expect(summaries).toContain('a changes liba.so');
    expect(summaries.filter((summary) => summary.endsWith('untried')).length).toBeGreaterThan(0);
    expect(summaries.filter((summary) => summary.endsWith('none'))).toEqual([]);
  });

  test('every package with an effect alone is found, and no other', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    await fc.assert(
      fc.asyncProperty(fc.subarray(names), async (active) => {
        const links = Object.fromEntries(active.map((name) => [name, `lib${name}.so`]));
        const { summaries } = await tryProject(names.join(' '), { links });
        expect(summaries).toEqual(
          names.map((name) => (active.includes(name) ? `${name} changes lib${name}.so` : `${name} none`)),
        );
      }),
    );
  });
});

test('a package that was denied in several phases and ways is one probe; one with a weak denial, or denied to tests, is not', () => {
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
      const shows = async (part: readonly number[]) => needed.every((thing) => part.includes(thing));
      expect([...((await findSmallestSet(things, shows)) ?? [])].sort()).toEqual([...needed].sort());
    }),
  );
});
