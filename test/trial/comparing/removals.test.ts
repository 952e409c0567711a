import { describe, expect, test } from 'vitest';
import type { InstalledPackage } from '../../../server/src/installed/vdb.ts';
import { groupByName } from '../../../server/src/installed/visible-set.ts';
import { parseDependency } from '../../../server/src/pms/dependency.ts';
import { evaluateUse } from '../../../server/src/pms/use.ts';

import {
  listRemovalCandidates,
  type RemovalCandidate,
  tryRemovals,
} from '../../../server/src/trial/comparing/removals.ts';
import { installed } from '../../support/installed-package.ts';

const PACKAGES = [
  installed('media-libs/libpng-1.6', { use: ['apng'] }),
  installed('media-libs/tiff-4'),
  installed('media-libs/libjpeg-turbo-3'),
  installed('virtual/jpeg-0', { rdepend: 'media-libs/libjpeg-turbo' }),
  installed('kde-apps/kde-meta-1', { rdepend: 'media-libs/tiff' }),
  installed('acct-user/tor-1'),
];
const WITHOUT_FILES = ['virtual/jpeg', 'kde-apps/kde-meta'];

const root = {
  lookup: groupByName(PACKAGES),
  index: {
    filesOf: ({ category, name }: InstalledPackage) =>
      WITHOUT_FILES.includes(`${category}/${name}`)
        ? []
        : [{ path: `/usr/${name}`, folder: '/usr', name, type: 'obj' as const }],
  },
};

function candidates(
  texts: { DEPEND?: string; BDEPEND?: string },
  { used = [], inherited = [], use = [] }: { used?: string[]; inherited?: string[]; use?: string[] } = {},
): RemovalCandidate[] {
  const nodes = (text = '') => evaluateUse(parseDependency(text).nodes, use);
  return listRemovalCandidates(
    { DEPEND: nodes(texts.DEPEND), BDEPEND: nodes(texts.BDEPEND) },
    { DEPEND: inherited, BDEPEND: inherited },
    ({ name }) => used.includes(name),
    root,
  );
}

const print = (found: readonly RemovalCandidate[]) =>
  found.map(({ atoms }) => atoms.map(({ variable, printed }) => `${variable} ${printed}`).join(', '));

describe('the declared atoms that may be unused', () => {
  test('are those of packages that nothing used', () => {
    const DEPEND = 'media-libs/libpng media-libs/tiff';
    expect(print(candidates({ DEPEND }, { used: ['libpng'] }))).toEqual(['DEPEND media-libs/tiff']);
  });

  test('a virtual is used when its provider is', () => {
    expect(print(candidates({ DEPEND: 'virtual/jpeg' }))).toEqual(['DEPEND virtual/jpeg']);
    expect(candidates({ DEPEND: 'virtual/jpeg' }, { used: ['libjpeg-turbo'] })).toEqual([]);
  });

  test('the alternatives of a group are one candidate, and used if one of them is', () => {
    const DEPEND = '|| ( media-libs/libpng ( media-libs/tiff virtual/jpeg ) )';
    expect(print(candidates({ DEPEND }))).toEqual([
      'DEPEND media-libs/libpng, DEPEND media-libs/tiff, DEPEND virtual/jpeg',
    ]);
    expect(candidates({ DEPEND }, { used: ['tiff'] })).toEqual([]);
  });

  test('atoms of one package are removed together, in whichever variable they are', () => {
    const found = candidates({
      DEPEND: '>=media-libs/tiff-3 virtual/jpeg',
      BDEPEND: 'media-libs/libjpeg-turbo media-libs/tiff',
    });
    expect(print(found)).toEqual([
      'DEPEND virtual/jpeg, BDEPEND media-libs/libjpeg-turbo',
      'DEPEND >=media-libs/tiff-3, BDEPEND media-libs/tiff',
    ]);
  });

  test('an atom is named as the ebuild writes it, not as it is evaluated in this USE state', () => {
    const DEPEND = 'png? ( media-libs/libpng[apng?] ) tiff? ( media-libs/tiff )';
    expect(print(candidates({ DEPEND }, { use: ['png', 'apng'] }))).toEqual([
      'DEPEND media-libs/libpng[apng?]',
    ]);
  });

  test('an atom that no build can judge, or that the author cannot remove, is not a candidate', () => {
    const DEPEND = '!!media-libs/tiff kde-apps/kde-meta acct-user/tor not/installed';
    expect(candidates({ DEPEND })).toEqual([]);
    expect(candidates({ DEPEND: 'media-libs/tiff' }, { inherited: ['media-libs/tiff'] })).toEqual([]);
  });
});

describe('the build without them', () => {
  const DEPEND = 'media-libs/libpng media-libs/tiff virtual/jpeg';

  async function remove(needed: readonly string[], more: { unknown?: string; mostBuilds?: number } = {}) {
    const builds: string[] = [];
    const removals = await tryRemovals(
      candidates({ DEPEND }),
      {
        tested: true,
        mayServeTests: ({ packages }) => [...packages].some(({ name }) => name === more.unknown),
        without: async (withheld) => {
          builds.push(withheld.join(' '));
          const passed = !withheld.some((text) => needed.includes(text));
          return { outcome: { passed }, differences: [] };
        },
      },
      more.mostBuilds ?? 9,
    );
    return { removals: removals.map(({ atom, outcome, tested }) => [atom, outcome, tested]), builds };
  }

  test('one build without all of them is enough if none is missed', async () => {
    expect(await remove([])).toEqual({
      removals: [
        ['media-libs/libpng', 'same', true],
        ['media-libs/tiff', 'same', true],
        ['virtual/jpeg', 'same', true],
      ],
      builds: [DEPEND],
    });
  });

  test('otherwise each is left out by itself', async () => {
    expect(await remove(['media-libs/tiff'])).toEqual({
      removals: [
        ['media-libs/libpng', 'same', true],
        ['media-libs/tiff', 'fails', true],
        ['virtual/jpeg', 'same', true],
      ],
      builds: [DEPEND, ...DEPEND.split(' ')],
    });
  });

  test('an atom is untried if tests that could not be run may need it, or the limit of builds is reached', async () => {
    const { removals: result, builds } = await remove([], { unknown: 'libpng' });
    expect(result[0]).toEqual(['media-libs/libpng', 'untried', false]);
    expect(builds).toEqual(['media-libs/tiff virtual/jpeg']);
    const short = await remove(['media-libs/tiff'], { mostBuilds: 2 });
    expect(short.removals.map(([, outcome]) => outcome)).toEqual(['same', 'untried', 'untried']);
  });
});
