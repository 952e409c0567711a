import { describe, expect, test } from 'vitest';
import { describeEvidence } from '../../server/src/audit/evidence-sentence.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { NamedPackage, Naming, Need, TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { Evidence } from '../../server/src/trace/evidence.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { need, recordedPackage } from './observed.ts';

const TEXT = 'EAPI=8\nSLOT="0"\nIUSE="test"\n\nRDEPEND="sys-libs/zlib"\n';

const naming: Evidence = {
  phase: 'install',
  program: '/usr/bin/prog',
  chain: ['/usr/bin/prog'],
  operation: 'name',
  path: '/usr/lib64/libgif.so.7',
  result: 'seen',
  count: 1,
};
const needed = (named: Naming): Need =>
  need('RDEPEND', 'media-libs/giflib', { atom: 'media-libs/giflib', named, evidence: [naming] });
const named = (naming_: Naming, more: Partial<NamedPackage> = {}): NamedPackage => ({
  package: recordedPackage('media-libs/giflib'),
  atom: 'media-libs/giflib',
  named: naming_,
  isOptional: true,
  evidence: [naming],
  ...more,
});
const SONAME: Naming = { kind: 'soname', wanted: 'libgif.so.7', ground: 'headers' };

const find = (change: Partial<TrialRecord>, text = TEXT) =>
  judge(makeRecord(text, change), parseEbuild(text, bash)).findings;
const tell = (change: Partial<TrialRecord>) =>
  find(change).map(({ severity, code, message }) => `${severity}[${code}]: ${message}`);
const fix = (change: Partial<TrialRecord>) => {
  const record = makeRecord(TEXT, change);
  return fixAll(TEXT, (text) => judge(record, parseEbuild(text, bash)));
};

describe('a package that an installed file names and needs', () => {
  test.each<[Naming, string]>([
    [
      SONAME,
      'names libgif.so.7 of media-libs/giflib, which it probably loads by dlopen because the build used its headers',
    ],
    [
      { ...SONAME, ground: 'test' },
      'names libgif.so.7 of media-libs/giflib, which it probably loads by dlopen because src_test loaded it',
    ],
    [
      { kind: 'typelib', wanted: 'Gif-1.0' },
      'needs the namespace Gif-1.0 of media-libs/giflib for GObject introspection',
    ],
    [{ kind: 'python', wanted: 'gif' }, 'imports gif of media-libs/giflib whenever it is loaded'],
    [{ kind: 'command', wanted: 'giftool', ground: 'run' }, 'runs giftool of media-libs/giflib'],
  ])('is a warning with a sure edit (%j)', (how, relation) => {
    const change = { needs: [needed(how)] };
    expect(tell(change)).toEqual([
      `warning[missing-rdepend]: Add media-libs/giflib to RDEPEND: /usr/bin/prog ${relation}.`,
    ]);
    expect(fix(change)).toBe(TEXT.replace('"sys-libs/zlib"', '"\n\tmedia-libs/giflib\n\tsys-libs/zlib\n"'));
  });

  test('is an error if the file says itself that it requires it', () => {
    expect(tell({ needs: [needed({ kind: 'dlopen-note', wanted: 'libgif.so.7' })] })).toEqual([
      'error[missing-rdepend]: Add media-libs/giflib to RDEPEND: /usr/bin/prog says in its .note.dlopen that it requires libgif.so.7 of media-libs/giflib.',
    ]);
  });

  test('has an edit that is not sure if several modules of QML may be meant', () => {
    const change = { needs: [needed({ kind: 'qml', wanted: 'Gif 1.0' })] };
    expect(find(change)[0]?.fix?.guess).toBe(true);
    expect(fix(change)).toBe(TEXT);
  });

  test('is needed in each USE state that names it, also where nothing shows that it is meant', () => {
    const { ground: _, ...plain } = SONAME;
    const tested = makeRecord(TEXT, {
      iuse: ['test'],
      use: ['test'],
      needs: [needed({ ...SONAME, ground: 'test' })],
    });
    const change = { iuse: ['test'], named: [named(plain, { isOptional: false })], variants: [tested] };
    expect(fix(change)).toContain('\n\tmedia-libs/giflib\n');
    expect(find(change).map(({ code }) => code)).toEqual(['missing-rdepend']);
  });
});

describe('a package that an installed file may do without', () => {
  test('is a hint that names optfeature, and --fix does not add it', () => {
    const change = { named: [named({ kind: 'dlopen-note', wanted: 'libgif.so.7', purpose: 'GIF files' })] };
    expect(tell(change)).toEqual([
      'hint[optional-rdepend]: Write optfeature "GIF files" media-libs/giflib in pkg_postinst: /usr/bin/prog loads libgif.so.7 of media-libs/giflib, which RDEPEND does not bring, and can do without it.',
    ]);
    expect(fix(change)).toBe(TEXT);
  });

  test('is a hint that names runtime if the file does not say it', () => {
    expect(
      tell({ named: [named({ kind: 'soname', wanted: 'libgif.so.7' }, { isOptional: false })] }),
    ).toEqual([
      'hint[optional-rdepend]: Try "ebuild-audit runtime", then add media-libs/giflib to RDEPEND, or write optfeature "WHAT IT IS FOR" media-libs/giflib in pkg_postinst: /usr/bin/prog names libgif.so.7 of media-libs/giflib, which RDEPEND does not bring, and only a run shows whether that is needed.',
    ]);
  });

  test('is nothing if RDEPEND brings it, or the text names it now', () => {
    const how: Naming = { kind: 'soname', wanted: 'libgif.so.7' };
    expect(tell({ named: [named(how, { licence: 'closure' })] })).toEqual([]);
    const text = TEXT.replace('sys-libs/zlib', 'media-libs/giflib');
    expect(find({ named: [named(how)] }, text)).toEqual([]);
  });
});

test('what no package has is told once, a linked library as a warning', () => {
  const user = '/usr/bin/prog';
  const library = { kind: 'library', wanted: 'libbar.so.3', user } as const;
  const unresolved = [library, library, { kind: 'python', wanted: 'toml', user } as const];
  expect(tell({ unresolved })).toEqual([
    'warning[unresolved-need]: Add the package that has libbar.so.3 to RDEPEND, or install libbar.so.3 with this package: /usr/bin/prog links libbar.so.3, which no installed package has.',
    'information[unresolved-need]: Add the package that has toml to RDEPEND, or install toml with this package: /usr/bin/prog needs the Python module toml, which no installed package has.',
  ]);
  expect(tell({ unresolved: [{ ...library, ownPath: '/usr/lib64/libbar.so.3' }] })).toEqual([
    'warning[unresolved-need]: Build against this version, or install libbar.so.3 with it: /usr/bin/prog links libbar.so.3, which only another installed version of this package has (/usr/lib64/libbar.so.3), until that is removed.',
  ]);
});

test.each([
  ['/usr/lib/python3.12/site-packages/own/_own.so', 'loaded by'],
  ['/usr/lib64/perl5/vendor_perl/5.40/Own.pm', 'loaded by'],
  ['/usr/bin/own.py', 'run with'],
])('the interpreter of %s: it is %s it', (program, relation) => {
  const path = '/usr/bin/python3.12';
  const evidence: Evidence = { ...naming, program, chain: [program], operation: 'execute', path };
  expect(describeEvidence(evidence)).toBe(`src_install › ${program} needs ${path}`);
  expect(tell({ needs: [need('RDEPEND', 'dev-lang/python', { evidence: [evidence] })] })).toEqual([
    `error[missing-rdepend]: Add dev-lang/python to RDEPEND: ${program} is ${relation} ${path} of dev-lang/python.`,
  ]);
});
