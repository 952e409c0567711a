import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import type { PackageUse } from '../../../server/src/audit/record.ts';
import { toRecorded } from '../../../server/src/host/root-state.ts';
import type { InstalledPackage } from '../../../server/src/installed/vdb.ts';
import { groupByName, type Reason, type VisiblePackage } from '../../../server/src/installed/visible-set.ts';
import type { PathClass } from '../../../server/src/trace/path-class.ts';
import type { UseKind } from '../../../server/src/trace/use-kind.ts';
import { licenceOf } from '../../../server/src/trial/builder/root-knowledge.ts';
import type { ObservedUse } from '../../../server/src/trial/builder/steps/observations.ts';
import {
  type BuildUsesInput,
  describeBuildUses,
  listUsed,
} from '../../../server/src/trial/needs/package-uses.ts';
import type { SourceMentions } from '../../../server/src/trial/reading/source-mentions.ts';
import { evidence } from '../../audit/observed.ts';
import { installed } from '../../support/installed-package.ts';

const GTK = installed('x11-libs/gtk+-3', { rdepend: 'dev-libs/glib x11-libs/cairo sys-devel/gettext' });
const GLIB = installed('dev-libs/glib-2');
const CAIRO = installed('x11-libs/cairo-1');
const GETTEXT = installed('sys-devel/gettext-0.21');
const PYTHON = installed('dev-lang/python-3');
const PACKAGES = [GTK, GLIB, CAIRO, GETTEXT, PYTHON];
const HEADERS: Readonly<Record<string, string>> = {
  'gtk+': '/usr/include/gtk-3.0/gtk/gtk.h',
  glib: '/usr/include/glib-2.0/glib.h',
  cairo: '/usr/include/cairo/cairo.h',
};

const root = {
  lookup: groupByName(PACKAGES),
  index: {
    filesOf: ({ name }: InstalledPackage) =>
      [HEADERS[name]].flatMap((path) =>
        path === undefined
          ? []
          : [{ path, folder: dirname(path), name: basename(path), type: 'obj' as const }],
      ),
  },
};

const shown = (reason: Reason): VisiblePackage => ({
  visibility: 'full',
  reason,
  broughtBy: [],
});
const visible = new Map<InstalledPackage, VisiblePackage>([
  [GTK, shown('declared')],
  [GLIB, shown('depend-closure')],
  [CAIRO, shown('depend-closure')],
  [GETTEXT, shown('depend-closure')],
  [PYTHON, shown('package-manager')],
]);

const used = (usedPackage: InstalledPackage, ...kinds: PathClass[]): ObservedUse => ({
  package: toRecorded(usedPackage),
  licence: licenceOf(visible.get(usedPackage)),
  kinds: kinds.map((kind) => ({ kind, evidence: [] })),
  bounds: [],
});

const MENTIONS: SourceMentions = { includes: new Set(['gtk/gtk.h', 'glib.h']), cmakePackages: new Set() };

const input: BuildUsesInput = {
  uses: [],
  visible,
  root,
  linked: new Set(),
  requiring: new Set(),
  needed: new Set(),
  readMentions: async () => MENTIONS,
  atoms: {
    atomFor: ({ category, name }) => `${category}/${name}`,
    isDeprecated: () => false,
    findOthers: () => [],
    boundsOf: () => [],
    findEclasses: () => [],
  },
};

async function describe(
  uses: readonly ObservedUse[],
  linked: readonly InstalledPackage[] = [],
  cmakePackages: readonly string[] = [],
) {
  const { uses: found } = await describeBuildUses({
    ...input,
    uses,
    linked: new Set(linked),
    readMentions: async () => ({ ...MENTIONS, cmakePackages: new Set(cmakePackages) }),
  });
  return found.map(({ atom, licence, through, kinds }) => [
    atom,
    licence,
    through,
    kinds.map(({ kind }) => kind).join(' '),
  ]);
}

test('a package that is visible through another one is used only if the sources ask for it themselves', async () => {
  const uses = [
    used(GTK, 'header', 'library', 'data'),
    used(GLIB, 'header', 'library'),
    used(CAIRO, 'header', 'library', 'data'),
    used(GETTEXT, 'program', 'data'),
  ];
  expect(await describe(uses)).toEqual([
    ['x11-libs/gtk+', 'declared', undefined, 'header library data'],
    ['dev-libs/glib', 'closure', ['x11-libs/gtk+'], 'header'],
    ['sys-devel/gettext', 'closure', ['x11-libs/gtk+'], 'program'],
  ]);
});

test('a library that the image links counts as asked for', async () => {
  expect(await describe([used(CAIRO, 'header', 'library')], [CAIRO])).toEqual([
    ['x11-libs/cairo', 'closure', ['x11-libs/gtk+'], 'library'],
  ]);
});

test.each([
  ['cmake for a module of its own', ['/usr/bin/cmake'], [], false],
  ['cmake for a build file', ['/usr/bin/cmake'], ['pkgconfig'], true],
  ['cmake and a configure script', ['/usr/bin/cmake', '/bin/sh'], [], true],
  ['meson', ['/usr/bin/meson'], [], true],
] as const)(
  'pkg-config of a build system is used if the build asks for it: %s',
  async (_, callers, mentioned, isUse) => {
    const kinds = [
      {
        kind: 'program' as const,
        evidence: callers.map((program) => ({ ...evidence, program, path: '/usr/bin/pkg-config' })),
      },
    ];
    const found = await describe([{ ...used(GETTEXT), kinds }], [], mentioned);
    expect(found.map(([atom]) => atom)).toEqual(isUse ? ['sys-devel/gettext'] : []);
  },
);

test('data, and what only a check of src_configure reads or runs, prove no need', () => {
  const readBy = (program: string, kind: UseKind, ...phases: readonly string[]): PackageUse => ({
    package: toRecorded(CAIRO),
    atom: 'x11-libs/cairo',
    licence: 'declared',
    kinds: [{ kind, evidence: phases.map((phase) => ({ ...evidence, program, phase })) }],
    bounds: [],
  });
  const read = (kind: UseKind, ...phases: readonly string[]) =>
    readBy('/usr/libexec/gcc/x86_64-pc-linux-gnu/13/cc1', kind, ...phases);
  const isUsed = (...uses: readonly PackageUse[]) => listUsed(uses).size > 0;
  expect(isUsed(read('data', 'compile'))).toBe(false);
  expect(isUsed(read('header', 'configure'))).toBe(false);
  expect(isUsed(read('header', 'configure', 'compile'))).toBe(true);
  expect(isUsed(readBy('/usr/bin/install', 'header', 'configure'))).toBe(true);
  expect(isUsed(read('header', 'configure'), read('linked', 'install'))).toBe(true);
  const run = (path: string, ...chain: readonly string[]): PackageUse => ({
    ...read('program'),
    kinds: [{ kind: 'program', evidence: [{ ...evidence, phase: 'configure', path, chain }] }],
  });
  expect(isUsed(run('/usr/bin/flex', 'src_configure', 'configure'))).toBe(false);
  const pkgConfig = run('/usr/bin/pkg-config', 'src_configure', 'configure');
  expect(isUsed(pkgConfig)).toBe(false);
  const gtk = { ...read('pkg-config', 'configure'), package: toRecorded(GTK) };
  expect([...listUsed([pkgConfig, gtk])].sort()).toEqual(['x11-libs/cairo-1', 'x11-libs/gtk+-3']);
  expect(isUsed(run('/usr/bin/meson', 'src_configure'))).toBe(true);
  const macros = (path: string): PackageUse => ({
    ...read('build-module'),
    kinds: [{ kind: 'build-module', evidence: [{ ...evidence, phase: 'prepare', path }] }],
  });
  expect(isUsed(macros('/usr/share/aclocal/pkg.m4'))).toBe(false);
  expect(isUsed(macros('/usr/lib/python3/site-packages/setuptools/__init__.py'))).toBe(true);
  expect(isUsed(read('program', 'configure', 'compile'))).toBe(true);
});

test('a program that an app-alternatives chooses is used for that', async () => {
  const lex = installed('app-alternatives/lex-0');
  const flex = installed('sys-devel/flex-2.6');
  const { uses } = await describeBuildUses({
    ...input,
    uses: [{ ...used(flex, 'program'), licence: 'declared' }],
    visible: new Map([[flex, { ...shown('declared'), standIn: lex }]]),
    root: { ...root, lookup: groupByName([flex, lex]) },
  });
  expect(uses.map((use) => [use.package.name, use.atom])).toEqual([['flex', 'app-alternatives/lex']]);
});

test('a package that is visible only for the package manager has no use', async () => {
  expect(await describe([used(PYTHON, 'program')])).toEqual([]);
});

test.each<[string, 'DEPEND' | 'BDEPEND', readonly PathClass[], string | undefined]>([
  ['is run and asked for by pkg-config lacks in BDEPEND', 'DEPEND', ['program', 'pkg-config'], 'BDEPEND'],
  [
    'is run and asked for by pkg-config does not lack in DEPEND',
    'BDEPEND',
    ['program', 'pkg-config'],
    undefined,
  ],
  ['is only run lacks nowhere', 'DEPEND', ['program'], undefined],
])('a package that %s', async (_, variable, kinds, lacksIn) => {
  const { uses } = await describeBuildUses({
    ...input,
    uses: [used(GTK, ...kinds)],
    visible: new Map([[GTK, { ...shown('declared'), broughtBy: [variable] }]]),
  });
  expect(uses.map((use) => use.lacksIn)).toEqual([lacksIn]);
});

test.each([
  ['compile', '/usr/bin/x86_64-pc-linux-gnu-ld.bfd', 'DEPEND'],
  ['compile', '/usr/bin/mold', 'DEPEND'],
  ['configure', '/usr/bin/ld', undefined],
  ['compile', '/usr/bin/ldd', undefined],
])(
  'a package of BDEPEND that is run and, in %s by %s, linked lacks in %s',
  async (phase, program, lacksIn) => {
    const linked = used(GTK, 'program', 'library');
    const kinds = linked.kinds.map((seen) => ({ ...seen, evidence: [{ ...evidence, phase, program }] }));
    const { uses } = await describeBuildUses({
      ...input,
      uses: [{ ...linked, kinds }],
      visible: new Map([[GTK, { ...shown('declared'), broughtBy: ['BDEPEND'] }]]),
    });
    expect(uses.map((use) => use.lacksIn)).toEqual([lacksIn]);
  },
);
