import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../../../server/src/ebuild/facts.ts';
import type { Evidence } from '../../../../server/src/trace/evidence.ts';
import { createPrebuiltTest } from '../../../../server/src/trial/needs/atoms/prebuilt-files.ts';
import { listRelinked, type TracedUse } from '../../../../server/src/trial/needs/atoms/relinked.ts';
import type { OwnedNeed } from '../../../../server/src/trial/needs/owned-need.ts';
import { bash } from '../../../ebuild/bash.ts';
import { installed } from '../../../support/installed-package.ts';

const PNG = installed('media-libs/libpng-1.6.39', { subslot: '16' });
const QT = installed('dev-qt/qtbase-6.8.0-r1', { slot: '6', subslot: '6.8.0' });
const BOOST = installed('dev-libs/boost-1.84.0', { subslot: '1.84.0' });
const LLVM = installed('llvm-core/llvm-19.1.4', { slot: '19', subslot: '19.1' });
const KDE = installed('kde-frameworks/kcoreaddons-6.8.0', { slot: '6', subslot: '6.8' });
const PRIVATE = '/usr/include/qt6/QtGui/6.8.0/QtGui/private/qfont_p.h';

const links = (owner: OwnedNeed['package'], wanted: string, user = '/usr/bin/hello'): OwnedNeed => ({
  need: { user, kind: 'library', wanted, symbols: ['f'] },
  package: owner,
  path: `/usr/lib64/${wanted}`,
});
const traced = (cpv: string, path: string, ...chain: string[]): TracedUse => {
  const [category = '', name = ''] = cpv.split('/');
  const operation = path.includes('/include/') ? 'read' : 'execute';
  const evidence: Evidence = {
    phase: 'compile',
    program: chain.at(-1) ?? '/bin/sh',
    chain,
    operation,
    path,
    result: 'seen',
    count: 1,
  };
  return { package: { category, name }, evidence: [evidence] };
};
const LD = traced('sys-devel/binutils', '/usr/bin/x86_64-pc-linux-gnu-ld.bfd');

async function relinked(
  owned: readonly OwnedNeed[],
  uses: readonly TracedUse[] = [LD],
  { includes = [] as string[], isPrebuilt = (path: string): boolean => path === '' } = {},
) {
  const found = await listRelinked({
    owned,
    traced: uses,
    isPrebuilt,
    filesOf: (owner) => (owner === QT ? [{ path: PRIVATE }, { path: '/usr/include/qt6/QtGui/qfont.h' }] : []),
    readMentions: async () => ({ includes: new Set(includes), cmakePackages: new Set() }),
  });
  return [...found].map(({ name }) => name);
}

describe('what a build links anew', () => {
  test.each([
    ['a linker', LD],
    ['a compiler that the shell runs', traced('sys-devel/gcc', '/usr/bin/x86_64-pc-linux-gnu-gcc-13')],
    ['a compiler that reads a header', traced('media-libs/libpng', '/usr/include/png.h', 'make', 'cc1plus')],
    ['the linker of Go', traced('dev-lang/go', '/usr/lib/go/pkg/tool/linux_amd64/link')],
    ['rustc', traced('virtual/any', '/usr/bin/rustc-1.80.0')],
  ])('all that is linked, if the build ran %s', async (_, use) => {
    expect(await relinked([links(PNG, 'libpng16.so.16')], [use])).toEqual(['libpng']);
  });

  test.each([
    ['nothing', []],
    ['no compiler', [traced('sys-apps/coreutils', '/usr/bin/install')]],
    ['an interpreter', [traced('dev-lang/perl', '/usr/bin/perl')]],
    ['the dynamic loader', [traced('sys-libs/glibc', '/lib64/ld-linux-x86-64.so.2')]],
    ['tools that read or strip machine code', [traced('sys-devel/binutils', '/usr/bin/strip')]],
  ])('nothing, if the build ran %s', async (_, uses) => {
    expect(await relinked([links(PNG, 'libpng16.so.16')], uses)).toEqual([]);
  });

  test('not the libraries of files that were built elsewhere', async () => {
    const isPrebuilt = (path: string) => path.startsWith('/opt/');
    const prebuilt = links(PNG, 'libpng16.so.16', '/opt/foo/foo');
    expect(await relinked([prebuilt], [LD], { isPrebuilt })).toEqual([]);
    expect(await relinked([prebuilt, links(PNG, 'libpng16.so.16')], [LD], { isPrebuilt })).toEqual([
      'libpng',
    ]);
  });

  test('not a library whose subslot is that of a private interface, which is not used', async () => {
    const both = [links(QT, 'libQt6Core.so.6'), links(KDE, 'libKF6CoreAddons.so.6')];
    expect(await relinked(both)).toEqual([]);
    expect(await relinked(both, [LD], { includes: ['QtGui/qfont.h'] })).toEqual([]);
  });

  test.each([
    ['is included', [], ['private/qfont_p.h']],
    ['is included without its folder', [], ['qfont_p.h']],
    ['was read', [traced('dev-qt/qtbase', PRIVATE)], []],
  ])('but if a private header %s', async (_, uses, includes) => {
    expect(await relinked([links(QT, 'libQt6Gui.so.6')], [LD, ...uses], { includes })).toEqual(['qtbase']);
  });

  test('a version in the name of the library is its ABI', async () => {
    expect(
      await relinked([links(BOOST, 'libboost_filesystem.so.1.84.0'), links(LLVM, 'libLLVM.so.19.1')]),
    ).toEqual(['boost', 'llvm']);
  });
});

describe('files that QA_PREBUILT names', () => {
  const isPrebuilt = (text: string, path: string) =>
    createPrebuiltTest(parseEbuild(text, bash), { PN: 'foo' })(path);

  test.each([
    ['QA_PREBUILT="opt/foo/foo-bin"', true],
    ['QA_PREBUILT="/opt/foo/foo-bin"', true],
    ['QA_PREBUILT="*"', true],
    ['QA_PREBUILT="opt/*"', true],
    ['QA_PREBUILT="\n\tusr/bin/x\n\topt/${PN}/*\n"', true],
    ['MY="foo"\nQA_PREBUILT="opt/${MY}/foo-bin"', true],
    ['QA_PREBUILT="opt/${UNKNOWN}/foo-bin"', true],
    ['QA_PREBUILT=( opt/x "opt/${PN}/foo-bin" )', true],
    ['src_install() {\n\tQA_PREBUILT="opt/foo/*"\n}', true],
    ['QA_PREBUILT="opt/foo"', false],
    ['QA_PREBUILT="opt/bar/*"', false],
    ['QA_PREBUILT=""', false],
    ['QA_FLAGS_IGNORED="opt/foo/foo-bin"', false],
    ['QA_PREBUILT="opt/foo/foo.bin"', false],
  ])('%j', (text, answer) => {
    expect(isPrebuilt(`EAPI=8\n${text}\n`, '/opt/foo/foo-bin')).toBe(answer);
  });
});
