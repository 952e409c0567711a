import { describe, expect, test } from 'vitest';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { PackageUse, TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { evidence, recordedPackage, use } from './observed.ts';

const judged = (record: TrialRecord, text: string) =>
  inTextOrder(judge(record, parseEbuild(text, bash)).findings).filter(
    ({ code }) => code === 'missing-use-dependency',
  );
const severities = (record: TrialRecord, text: string) =>
  judged(record, text).map(({ severity }) => severity);
const fixed = (record: TrialRecord, text: string) =>
  fixAll(text, (today) => judge(record, parseEbuild(today, bash)));
/** The text after the edits of the only finding, also of those that are guesses. */
const edited = (record: TrialRecord, text: string) => {
  const [finding] = judged(record, text);
  const [edit] = finding?.fix?.edits ?? [];
  return edit && text.slice(0, edit.start) + edit.newText + text.slice(edit.end);
};

/** A package with flags, whose files installed files link. */
function linked(name: string, flags: readonly string[], ...programs: string[]): PackageUse {
  const path = '/usr/lib64/libz.so.1';
  const links = programs.map((program) => ({ ...evidence, operation: 'link' as const, program, path }));
  return {
    ...use(name, ['header']),
    package: { ...recordedPackage(name), use: flags },
    kinds: [...use(name, ['header']).kinds, { kind: 'linked', evidence: links }],
  };
}

describe('a library for each ABI', () => {
  const text = (dependencies: string, eclass = 'multilib-minimal', more = '') =>
    `EAPI=8\ninherit ${eclass}\nSLOT="0"\nRDEPEND="${dependencies}"\nDEPEND="\${RDEPEND}"\n${more}`;
  const two = ['abi_x86_32', 'abi_x86_64'];
  const one = ['abi_x86_64'];
  const zlib = (...programs: string[]) => linked('sys-libs/zlib', one, ...programs);
  const record = (written: string, abis: readonly string[], used: PackageUse) =>
    makeRecord(written, { use: [...abis], iuse: [...abis], uses: [used] });
  const both = ['/usr/lib/libfoo.so.1', '/usr/lib64/libfoo.so.1'];
  const lacking = 'sys-libs/zlib:=';

  test('is asked for if the library of another ABI links it', () => {
    const written = text(lacking);
    const made = record(written, two, zlib(...both));
    expect(judged(made, written).map(({ severity, message }) => [severity, message])).toEqual([
      [
        'warning',
        'Write sys-libs/zlib:=[${MULTILIB_USEDEP}]: /usr/lib/libfoo.so.1 links /usr/lib64/libz.so.1 of sys-libs/zlib, and the atom does not ask for it in that ABI.',
      ],
    ]);
    expect(fixed(made, written)).toBe(text('sys-libs/zlib:=[${MULTILIB_USEDEP}]'));
  });

  test.each([
    [
      'with other flags',
      '>=sys-libs/zlib-1.2:0[minizip]',
      '>=sys-libs/zlib-1.2:0[minizip,${MULTILIB_USEDEP}]',
    ],
    ['under a flag', 'z? ( sys-libs/zlib )', 'z? ( sys-libs/zlib[${MULTILIB_USEDEP}] )'],
  ])('the edit keeps the rest of the atom: %s', (_, before, after) => {
    const made = { ...record(text(before), two, zlib(...both)), iuse: ['z'], use: ['z', ...two] };
    expect(fixed(made, text(before))).toBe(text(after));
  });

  test('a build for one ABI is a sign if other atoms ask for all', () => {
    const written = text('dev-libs/expat[${MULTILIB_USEDEP}] sys-libs/zlib');
    const made = record(written, one, zlib('/usr/lib64/libfoo.so.1'));
    expect(judged(made, written).map(({ severity, message }) => [severity, message])).toEqual([
      [
        'information',
        'Write sys-libs/zlib[${MULTILIB_USEDEP}], unless only the ABI of the system needs it: /usr/lib64/libfoo.so.1 links /usr/lib64/libz.so.1 of sys-libs/zlib, and other atoms ask for their packages in each ABI.',
      ],
    ]);
    expect(fixed(made, written)).toBe(written);
  });

  const asking = 'dev-libs/expat[${MULTILIB_USEDEP}]';
  const native = 'multilib_src_configure() { multilib_is_native_abi && econf; }\n';
  test.each([
    ['it is asked for', text('sys-libs/zlib[${MULTILIB_USEDEP}]'), two, zlib(...both)],
    ['one ABI is named', text('sys-libs/zlib[abi_x86_32(-)]'), two, zlib(...both)],
    ['the ebuild is for one ABI', text(lacking, 'meson'), two, zlib(...both)],
    ['the package is for one ABI', text(lacking), two, linked('sys-libs/zlib', ['minizip'], ...both)],
    [
      'only programs link it',
      text(`${asking} ${lacking}`),
      two,
      zlib('/usr/bin/foo', '/usr/lib/python3.12/site-packages/foo.so'),
    ],
    ['no atom asks for all', text(lacking), one, zlib('/usr/lib64/libfoo.so.1')],
    [
      'the ebuild tells the ABIs apart',
      text(`${asking} ${lacking}`, 'multilib-minimal', native),
      one,
      zlib('/usr/lib64/libfoo.so.1'),
    ],
  ] as const)('is not asked for if %s', (_, written, abis, used) => {
    expect(severities(record(written, abis, used), written)).toEqual([]);
  });
});

describe('a flag of the same name', () => {
  const text = (atoms: string) =>
    `EAPI=8\nSLOT="0"\nIUSE="ssl test"\nRDEPEND="${atoms}"\nDEPEND="\${RDEPEND}"\n`;
  const curl = (...paths: string[]): PackageUse => ({
    ...use('net-misc/curl', ['header']),
    package: { ...recordedPackage('net-misc/curl'), use: ['ssl', 'test'] },
    kinds: [{ kind: 'header', evidence: paths.map((path) => ({ ...evidence, path })) }],
  });
  const state = (written: string, flags: readonly string[], used: PackageUse) =>
    makeRecord(written, { iuse: ['ssl', 'test'], use: [...flags], uses: [used] });

  test('may be needed if the package is used under the flag only', () => {
    const written = text('ssl? ( net-misc/curl )');
    const made = state(written, ['ssl'], curl('/usr/include/curl/curl.h'));
    expect(judged(made, written).map(({ severity, message }) => [severity, message])).toEqual([
      [
        'information',
        'Write net-misc/curl[ssl] if the build needs that flag of net-misc/curl: with USE=ssl the build uses /usr/include/curl/curl.h of net-misc/curl, which has a flag ssl, too.',
      ],
    ]);
    expect(edited(made, written)).toBe(text('ssl? ( net-misc/curl[ssl] )'));
    expect(fixed(made, written)).toBe(written);
  });

  test('may be needed if the flag makes the build use more of the package', () => {
    const written = text('net-misc/curl');
    const off = state(written, [], curl('/usr/include/curl/curl.h'));
    const on = state(written, ['ssl'], curl('/usr/include/curl/curl.h', '/usr/include/curl/tls.h'));
    expect(edited({ ...off, variants: [on] }, written)).toBe(text('net-misc/curl[ssl?]'));
  });

  const plain = curl('/usr/include/curl/curl.h');
  test.each([
    ['it is asked for', 'ssl? ( net-misc/curl[ssl] )', ['ssl'], plain],
    [
      'the flag of the package is off',
      'ssl? ( net-misc/curl )',
      ['ssl'],
      { ...plain, package: recordedPackage('net-misc/curl') },
    ],
    ['the flag means something else in each package', 'test? ( net-misc/curl )', ['test'], plain],
    ['it is used without the flag, too', 'net-misc/curl', ['ssl'], plain],
    ['one atom is not under the flag', 'net-misc/curl ssl? ( net-misc/curl )', ['ssl'], plain],
    ['only bash knows the flags', 'ssl? ( net-misc/curl[${CURL}] )', ['ssl'], plain],
  ] as const)('is not told if %s', (_, atoms, flags, used) => {
    const written = text(atoms);
    const off = state(written, [], plain);
    expect(severities({ ...state(written, flags, used), variants: [off] }, written)).toEqual([]);
  });
});
