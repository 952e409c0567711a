import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { toRecorded } from '../../../server/src/host/root-state.ts';
import type { InstalledPackage } from '../../../server/src/installed/vdb.ts';
import { groupByName, type VisiblePackage } from '../../../server/src/installed/visible-set.ts';
import type { Denial } from '../../../server/src/trace/denial.ts';
import type { PathClass } from '../../../server/src/trace/path-class.ts';
import {
  findRequiringModules,
  type RequiringInput,
} from '../../../server/src/trial/needs/requiring-modules.ts';
import { installed } from '../../support/installed-package.ts';

const INTROSPECTION = installed('dev-libs/gobject-introspection-1', { rdepend: 'dev-libs/glib' });
const OTHER = installed('dev-libs/atk-1', { rdepend: 'dev-libs/glib' });
const GLIB = installed('dev-libs/glib-2');
const HEADER = '/usr/include/glib-2.0/glib.h';

const declaredIn = (...broughtBy: VisiblePackage['broughtBy']): VisiblePackage => ({
  visibility: 'full',
  reason: 'declared',
  broughtBy,
});
const asked = (used: InstalledPackage) => ({
  package: toRecorded(used),
  licence: 'declared' as const,
  kinds: [{ kind: 'pkg-config' as const, evidence: [] }],
  bounds: [],
});
const hidden = (kinds: readonly PathClass[], weak: boolean): Denial => ({
  package: toRecorded(GLIB),
  phase: 'configure',
  variable: 'DEPEND',
  evidence: [],
  first: 0,
  last: 0,
  kinds,
  bounds: [],
  weak,
});

const DENIED = hidden(['pkg-config'], true);
const input: RequiringInput = {
  required: [DENIED],
  uses: [asked(INTROSPECTION)],
  visible: new Map([[INTROSPECTION, declaredIn('BDEPEND')]]),
  root: {
    lookup: groupByName([INTROSPECTION, OTHER, GLIB]),
    index: {
      filesOf: (owner) =>
        owner === GLIB
          ? [{ path: HEADER, folder: dirname(HEADER), name: basename(HEADER), type: 'obj' as const }]
          : [],
    },
  },
  readMentions: async () => ({ includes: new Set(), cmakePackages: new Set() }),
};
const find = async (more: Partial<RequiringInput>) =>
  [...(await findRequiringModules({ ...input, ...more })).values()].map(({ name }) => name);

test('the module that BDEPEND shows and that requires a hidden one is what DEPEND lacks', async () => {
  expect(await find({})).toEqual(['gobject-introspection']);
});

test.each<[string, Partial<RequiringInput>]>([
  ['DEPEND brings the module', { visible: new Map([[INTROSPECTION, declaredIn('BDEPEND', 'DEPEND')]]) }],
  ['the build asked for the hidden module itself', { required: [hidden(['pkg-config'], false)] }],
  ['it wanted more than the module', { required: [hidden(['pkg-config', 'header'], true)] }],
  ['nothing asked for a module', { uses: [] }],
  [
    'two modules may require it',
    {
      uses: [asked(INTROSPECTION), asked(OTHER)],
      visible: new Map([
        [INTROSPECTION, declaredIn('BDEPEND')],
        [OTHER, declaredIn('BDEPEND')],
      ]),
    },
  ],
  [
    'the sources include its header',
    { readMentions: async () => ({ includes: new Set(['glib.h']), cmakePackages: new Set() }) },
  ],
])('but not if %s', async (_, more) => {
  expect(await find(more)).toEqual([]);
});
