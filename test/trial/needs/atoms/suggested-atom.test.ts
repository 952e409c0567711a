import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InstalledPackage } from '../../../../server/src/installed/vdb.ts';
import { groupByName } from '../../../../server/src/installed/visible-set.ts';
import { parseAtom } from '../../../../server/src/pms/atom.ts';
import { matchesAtom } from '../../../../server/src/pms/match.ts';
import type { VersionBound } from '../../../../server/src/trace/evidence.ts';
import type { UseKind } from '../../../../server/src/trace/use-kind.ts';
import { findInstallingFlag } from '../../../../server/src/trial/needs/atoms/installing-flag.ts';
import { type AtomHow, suggestAtom } from '../../../../server/src/trial/needs/atoms/suggested-atom.ts';
import { installed } from '../../../support/installed-package.ts';

const rootOf = (...packages: InstalledPackage[]) => ({ packages, lookup: groupByName(packages) });

const how = (more: Partial<AtomHow> = {}): AtomHow => ({
  linked: false,
  relinked: more.linked ?? false,
  kinds: ['header'],
  paths: [],
  bounds: [],
  ...more,
});

const bound = (operator: VersionBound['operator'], version: string): VersionBound => ({
  operator,
  version,
  statedBy: 'meson.build:3',
});

const png = installed('media-libs/libpng-1.6.39', { subslot: '16', iuse: ['apng'], use: [] });
const glib = installed('dev-libs/glib-2.74.6', { slot: '2', subslot: '2' });
const bison = installed('sys-devel/bison-3.8.2');

describe('slots', () => {
  test.each([
    ['only a name while nothing is known', png, undefined, 'media-libs/libpng'],
    ['no slot operator if the ABI is not linked', png, how(), 'media-libs/libpng'],
    ['a slot operator if the ABI is linked', png, how({ linked: true }), 'media-libs/libpng:='],
    [
      'no slot operator if no build links it anew',
      png,
      how({ linked: true, relinked: false }),
      'media-libs/libpng',
    ],
    [
      'no slot operator without a sub-slot',
      installed('dev-libs/expat-2.5.0'),
      how({ linked: true }),
      'dev-libs/expat',
    ],
    ['the slot if it is not 0', glib, how({ linked: true }), 'dev-libs/glib:2'],
    [
      'the slot and the operator',
      installed('dev-libs/x-1', { slot: '3', subslot: '9' }),
      how({ linked: true }),
      'dev-libs/x:3=',
    ],
    ['no slot for a program', glib, how({ kinds: ['program'], variable: 'BDEPEND' }), 'dev-libs/glib'],
    ['no slot operator in BDEPEND', png, how({ linked: true, variable: 'BDEPEND' }), 'media-libs/libpng'],
    [
      'slot 0 of Tcl, as Gentoo writes it',
      installed('dev-lang/tcl-8.6', { subslot: '8.6' }),
      how({ linked: true }),
      'dev-lang/tcl:0=',
    ],
    ...(
      [
        ['python3.12', ':3.12'],
        ['python3', ''],
      ] as const
    ).flatMap(([program, slot]) =>
      (['BDEPEND', 'RDEPEND'] as const).map(
        (variable) =>
          [
            `the slot of an interpreter only if it is called by it: ${program} in ${variable}`,
            installed('dev-lang/python-3.12.1', { slot: '3.12', subslot: '3.12' }),
            how({ kinds: ['program', 'interpreter'], paths: [`/usr/bin/${program}`], variable }),
            `dev-lang/python${slot}`,
          ] as const,
      ),
    ),
    ['no slot for an interpreter', glib, how({ kinds: ['interpreter'] }), 'dev-libs/glib'],
    [
      'the same text in RDEPEND, for which only the image counts',
      glib,
      how({ linked: true, kinds: ['linked'], variable: 'RDEPEND' }),
      'dev-libs/glib:2',
    ],
  ] as const)('%s', (_, used, use, atom) => {
    expect(suggestAtom(used, rootOf(used), use)).toBe(atom);
  });

  test('slot 0 is written if another slot is installed', () => {
    const old = installed('dev-libs/openssl-1.1.1', { slot: '0', subslot: '1.1' });
    const compat = installed('dev-libs/openssl-1.0.2', { slot: '1.0', subslot: '1.0' });
    expect(suggestAtom(old, rootOf(old, compat), how())).toBe('dev-libs/openssl:0');
  });
});

describe('versions', () => {
  test.each([
    ['the highest lower bound', [bound('>=', '1.2'), bound('>=', '1.6.3')], '>=media-libs/libpng-1.6.3'],
    ['more than', [bound('>', '1.5')], '>media-libs/libpng-1.5'],
    ['exactly', [bound('=', '1.6.39')], '~media-libs/libpng-1.6.39'],
    ['no upper bound', [bound('<', '2'), bound('<=', '3')], 'media-libs/libpng'],
    ['no bound that every version meets', [bound('>=', '0')], 'media-libs/libpng'],
    ['no bound that is not a version', [bound('>=', '1.2-beta')], 'media-libs/libpng'],
    ['no bound with a revision', [bound('=', '1.6.39-r0')], 'media-libs/libpng'],
    ['no bound above the installed version', [bound('>=', '99')], 'media-libs/libpng'],
  ])('%s', (_, bounds, atom) => {
    expect(suggestAtom(png, rootOf(png), how({ bounds }))).toBe(atom);
  });

  test('together with the slot', () => {
    const use = how({ linked: true, bounds: [bound('>=', '2.40')] });
    expect(suggestAtom(glib, rootOf(glib), use)).toBe('>=dev-libs/glib-2.40:2');
  });
});

describe('virtuals', () => {
  const standIn = (cpv: string, rdepend: string, more: Partial<InstalledPackage> = {}) =>
    installed(cpv, { rdepend, ...more });
  const pkgconf = installed('dev-util/pkgconf-1.8.1');
  const elfutils = installed('dev-libs/elfutils-0.188');
  const systemd = installed('sys-apps/systemd-252');
  const perl = installed('dev-lang/perl-5.36.0');
  const root = rootOf(
    pkgconf,
    elfutils,
    systemd,
    perl,
    bison,
    standIn('virtual/pkgconfig-3', 'dev-util/pkgconf[pkg-config(+)]'),
    standIn('virtual/libelf-3', 'dev-libs/elfutils', { subslot: '1' }),
    standIn('virtual/libudev-232', 'sys-apps/systemd', { subslot: '1' }),
    standIn('virtual/service-manager-1', 'sys-apps/systemd'),
    standIn('virtual/perl-IO-1', 'dev-lang/perl'),
    standIn('virtual/perl-version-1', 'dev-lang/perl'),
    standIn('app-alternatives/yacc-1', 'sys-devel/bison'),
  );
  const uses = (...paths: string[]) => how({ paths });

  test.each([
    ['that stands for the package', pkgconf, undefined, 'virtual/pkgconfig'],
    [
      'none for parts of the package',
      perl,
      how({ kinds: ['program'], paths: ['/usr/bin/perl'] }),
      'dev-lang/perl',
    ],
    ['that is named for the used library', elfutils, uses('/usr/lib64/libelf.so.1'), 'virtual/libelf'],
    [
      'none if another library is used too',
      elfutils,
      uses('/usr/lib64/libelf.so.1', '/usr/lib64/libdw.so'),
      'dev-libs/elfutils',
    ],
    [
      'with the operator of its own sub-slot',
      systemd,
      { ...uses('/usr/include/libudev.h', '/usr/lib64/libudev.so.1'), linked: true, relinked: true },
      'virtual/libudev:=',
    ],
    [
      'none of several if the file has no name of theirs',
      systemd,
      uses('/usr/include/systemd/sd-daemon.h'),
      'sys-apps/systemd',
    ],
    [
      'no alternative for the program itself',
      bison,
      how({ kinds: ['program'], paths: ['/usr/bin/bison'] }),
      'sys-devel/bison',
    ],
    [
      'the alternative for its name',
      bison,
      how({ kinds: ['program'], paths: ['/usr/bin/yacc'] }),
      'app-alternatives/yacc',
    ],
    ['no alternative while nothing is known', bison, undefined, 'sys-devel/bison'],
  ])('%s', (_, used, use, atom) => {
    expect(suggestAtom(used, root, use)).toBe(atom);
  });

  const zlib = installed('sys-libs/zlib-1.3.1', { subslot: '1' });
  const lapack = installed('sci-libs/openblas-0.3');
  const udev = installed('sys-apps/systemd-utils-254');
  const several = rootOf(
    zlib,
    lapack,
    udev,
    standIn('virtual/zlib-1.3.1', 'sys-libs/zlib', { subslot: '1' }),
    standIn('virtual/minizip-1.3.1', 'sys-libs/zlib', { subslot: '1' }),
    standIn('virtual/blas-3', 'sci-libs/openblas'),
    standIn('virtual/cblas-3', 'sci-libs/openblas'),
    standIn('virtual/lapack-3', 'sci-libs/openblas'),
    standIn('virtual/udev-217', 'sys-apps/systemd-utils'),
    standIn('virtual/libudev-251', 'sys-apps/systemd-utils', { subslot: '1' }),
  );
  const linked = (...paths: string[]) => how({ linked: true, paths });

  test.each([
    [zlib, linked('/usr/include/zlib.h', '/usr/include/zconf.h', '/usr/lib64/libz.so'), 'virtual/zlib:='],
    [zlib, linked('/usr/lib64/libz.so.1'), 'virtual/zlib:='],
    [zlib, how({ kinds: ['pkg-config'], paths: ['/usr/lib64/pkgconfig/zlib.pc'] }), 'virtual/zlib'],
    [zlib, linked('/usr/include/minizip/unzip.h', '/usr/lib64/libminizip.so.1'), 'virtual/minizip:='],
    [zlib, linked('/usr/include/zlib.h', '/usr/lib64/libminizip.so.1'), 'sys-libs/zlib:='],
    [zlib, undefined, 'sys-libs/zlib'],
    [lapack, how({ paths: ['/usr/include/cblas.h', '/usr/lib64/libcblas.so'] }), 'virtual/cblas'],
    [lapack, how({ paths: ['/usr/lib64/libblas.so.3'] }), 'virtual/blas'],
    [lapack, how({ paths: ['/usr/lib64/libblas.so', '/usr/lib64/liblapack.so'] }), 'sci-libs/openblas'],
    [udev, linked('/usr/include/libudev.h', '/usr/lib64/libudev.so.1'), 'virtual/libudev:='],
    [udev, how({ kinds: ['program'], paths: ['/bin/udevadm'], variable: 'BDEPEND' }), 'virtual/udev'],
    [
      udev,
      how({ kinds: ['program'], paths: ['/bin/tmpfiles'], variable: 'BDEPEND' }),
      'sys-apps/systemd-utils',
    ],
  ])('several virtuals stand for %j with %j', (used, use, atom) => {
    expect(suggestAtom(used, several, use)).toBe(atom);
  });

  test('no virtual of a module of Perl stands for Perl', () => {
    const perl = installed('dev-lang/perl-5.40', { subslot: '5.40' });
    const virtual = installed('virtual/perl-Getopt-Long-2', { rdepend: 'dev-lang/perl' });
    const asked = (linked: boolean) =>
      suggestAtom(
        perl,
        rootOf(perl, virtual),
        how({ kinds: ['interpreter'], paths: ['/usr/bin/perl'], linked }),
      );
    expect([asked(false), asked(true)]).toEqual(['dev-lang/perl', 'dev-lang/perl:=']);
  });

  test('no deprecated virtual stands for the package', () => {
    const isDeprecated = ({ name }: InstalledPackage) => name === 'pkgconfig';
    expect(suggestAtom(pkgconf, { ...root, isDeprecated }, how())).toBe('dev-util/pkgconf');
  });

  test('a bound on the package is not a bound on its virtual', () => {
    expect(suggestAtom(pkgconf, root, how({ bounds: [bound('>=', '1.0')] }))).toBe('virtual/pkgconfig');
  });
});

describe('flags', () => {
  const withFlags = (cpv: string, use: string, iuse = use) =>
    installed(cpv, { iuse: iuse.split(' '), use: use.split(' ') });
  const harfbuzz = withFlags('media-libs/harfbuzz-6', 'icu introspection', 'cairo icu introspection');
  const zlib = withFlags('sys-libs/zlib-1.2.13', 'minizip static-libs');
  const boost = withFlags('dev-libs/boost-1.74.0', 'python context');

  test.each([
    ['.gir files', harfbuzz, ['/usr/share/gir-1.0/HarfBuzz-0.0.gir'], 'introspection'],
    [
      'a library named for the flag',
      harfbuzz,
      ['/usr/lib64/libharfbuzz-icu.so', '/usr/lib64/pkgconfig/harfbuzz-icu.pc'],
      'icu',
    ],
    [
      'not if another file is not named so',
      harfbuzz,
      ['/usr/lib64/libharfbuzz-icu.so', '/usr/include/harfbuzz/hb.h'],
      undefined,
    ],
    ['not for a flag that is off', harfbuzz, ['/usr/lib64/libharfbuzz-cairo.so'], undefined],
    [
      'a library that is called as the flag',
      zlib,
      ['/usr/lib64/libminizip.so.1', '/usr/include/minizip/unzip.h'],
      'minizip',
    ],
    ['only static libraries', zlib, ['/usr/include/zlib.h', '/usr/lib64/libz.a'], 'static-libs'],
    ['not with the shared one', zlib, ['/usr/lib64/libz.so', '/usr/lib64/libz.a'], undefined],
    ['a number after the flag', boost, ['/usr/lib64/libboost_python311.so.1.74.0'], 'python'],
    [
      'not if two flags would be needed',
      boost,
      ['/usr/lib64/libboost_python311.so', '/usr/lib64/libboost_context.so'],
      undefined,
    ],
    [
      'a module of Python',
      withFlags('sys-apps/file-5', 'python'),
      ['/usr/lib/python3.11/site-packages/magic.py'],
      'python',
    ],
    [
      'not for a module that is the package',
      withFlags('dev-python/x-1', 'python'),
      ['/usr/lib/python3.11/site-packages/x.py'],
      undefined,
    ],
    [
      'not for the package’s own name',
      withFlags('dev-libs/icu-1', 'icu'),
      ['/usr/lib64/libicu.so'],
      undefined,
    ],
    ['nothing without a use', zlib, [], undefined],
  ])('%s', (_, used, paths, flag) => {
    expect(findInstallingFlag(used, paths)).toBe(flag);
  });

  test('are written after the atom', () => {
    const use = how({ paths: ['/usr/lib64/libminizip.so.1'], linked: true });
    expect(suggestAtom(zlib, rootOf(zlib), use)).toBe('sys-libs/zlib[minizip]');
  });
});

test('an atom can always be parsed, and the installed package or its virtual matches it', () => {
  const version = fc.stringMatching(/^[0-9]{1,2}(\.[0-9]{1,2}){0,3}[a-z]?(_p[0-9])?(-r[0-9])?$/);
  const slot = fc.constantFrom('0', '2', '3.11', '1.0');
  const flags = fc.subarray(['icu', 'static-libs', 'introspection', 'x_y', 'test']);
  const installedPackages = fc
    .record({
      version,
      slot,
      subslot: slot,
      iuse: flags,
      use: flags,
      category: fc.constantFrom('dev-libs', 'virtual'),
    })
    .map(({ version, category, ...more }) => installed(`${category}/any-${version}`, more));
  const uses = fc.record({
    linked: fc.boolean(),
    relinked: fc.boolean(),
    kinds: fc.subarray<UseKind>(['header', 'library', 'program', 'linked', 'interpreter', 'data']),
    paths: fc.subarray([
      '/usr/lib64/libany.a',
      '/usr/lib64/libany-icu.so',
      '/usr/share/gir-1.0/A.gir',
      '/usr/bin/any',
    ]),
    bounds: fc.array(
      fc.record({
        operator: fc.constantFrom<VersionBound['operator']>('>=', '>', '=', '<=', '<'),
        version: fc.oneof(version, fc.string()),
        statedBy: fc.constant('configure'),
      }),
    ),
    variable: fc.constantFrom('DEPEND', 'BDEPEND', 'RDEPEND', undefined),
  });
  fc.assert(
    fc.property(fc.array(installedPackages, { minLength: 1, maxLength: 4 }), uses, (packages, use) => {
      const [used] = packages as [InstalledPackage];
      const { variable, ...rest } = use;
      const atom = suggestAtom(used, rootOf(...packages), { ...rest, ...(variable && { variable }) });
      const read = parseAtom(atom, 0, { ebuild: true });
      expect(read.errors).toEqual([]);
      expect(read.atom && matchesAtom(read.atom, used)).toBe(true);
    }),
  );
});
