import { describe, expect, test } from 'vitest';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { Need, PackageUse, TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import type { DependencyVariable } from '../../server/src/pms/dependency-variable.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { evidence, need, use } from './observed.ts';

const ebuild = (body: string) => `EAPI=8\n\n${body}`;
const judged = (record: TrialRecord, text: string) => judge(record, parseEbuild(text, bash)).findings;
const messages = (record: TrialRecord, text: string) => judged(record, text).map(({ message }) => message);
const fixed = (record: TrialRecord, text: string) =>
  fixAll(text, (today) => ({ findings: judged(record, today) }));
/** The text after the first fix, also if it is a guess. */
const guessed = (record: TrialRecord, text: string) =>
  applyEdits(text, judged(record, text)[0]?.fix?.edits ?? []);

const missing = (
  variable: DependencyVariable,
  name = 'dev-lang/python:3.12',
  more: Partial<Need> = {},
): Need =>
  need(variable, name, {
    atom: name.replace(/:.*/, ''),
    evidence: [{ ...evidence, operation: 'execute', path: '/usr/bin/python3.12' }],
    ...more,
  });
const record = (text: string, needs: readonly Need[], more: Partial<TrialRecord> = {}) =>
  makeRecord(text, { needs, ...more });

test('the compiler of Vala is written as vala.eclass does, once the ebuild inherits it', () => {
  const vala = (text: string) => makeRecord(text, { needs: [need('BDEPEND', 'dev-lang/vala')] });
  const text = 'EAPI=8\ninherit meson vala\nSLOT="0"\nBDEPEND="virtual/pkgconfig"\n';
  const judgeToday = (today: string) => judge(vala(text), parseEbuild(today, bash));
  const after = fixAll(text, judgeToday);
  expect(after).toContain('BDEPEND="\n\tvirtual/pkgconfig\n\t$(vala_depend)\n"\n');
  expect(judgeToday(after).findings).toEqual([]);
  const plain = text.replace(' vala', '');
  expect(fixAll(plain, (today) => judge(vala(plain), parseEbuild(today, bash)))).toContain(
    '\tdev-lang/vala\n',
  );
});

describe('an interpreter whose eclass is inherited', () => {
  test.each([
    [
      'python-any-r1',
      'BDEPEND',
      'BDEPEND="virtual/pkgconfig"',
      'BDEPEND="\n\t${PYTHON_DEPS}\n\tvirtual/pkgconfig\n"',
    ],
    ['python-any-r1', 'BDEPEND', 'RDEPEND="a/b"', 'RDEPEND="a/b"\nBDEPEND="${PYTHON_DEPS}"'],
    [
      'python-single-r1',
      'RDEPEND',
      'REQUIRED_USE="${PYTHON_REQUIRED_USE}"\n\nRDEPEND="\n\ta/b\n\ta/c\n"',
      'REQUIRED_USE="${PYTHON_REQUIRED_USE}"\n\nRDEPEND="\n\t${PYTHON_DEPS}\n\ta/b\n\ta/c\n"',
    ],
    [
      'python-single-r1',
      'RDEPEND',
      'IUSE="x"\n\nRDEPEND="a/b"',
      'IUSE="x"\nREQUIRED_USE="${PYTHON_REQUIRED_USE}"\n\nRDEPEND="\n\t${PYTHON_DEPS}\n\ta/b\n"',
    ],
  ] as const)('%s: %s gets the reference', (eclass, variable, before, after) => {
    const text = ebuild(`inherit ${eclass}\n\nSLOT="0"\n${before}\n`);
    const made = record(text, [missing(variable, 'dev-lang/python:3.12', { languageEclass: eclass })]);
    const mended = fixed(made, text);
    expect(mended).toBe(ebuild(`inherit ${eclass}\n\nSLOT="0"\n${after}\n`));
    expect(judged(made, mended)).toEqual([]);
  });

  test('once for DEPEND="${RDEPEND}", and with the constraint', () => {
    const text = ebuild('inherit python-single-r1\n\nIUSE=""\n\nRDEPEND="a/b"\nDEPEND="${RDEPEND}"\n');
    const made = record(text, [missing('DEPEND'), missing('RDEPEND')]);
    expect(messages(made, text)).toEqual([
      'Add ${PYTHON_DEPS} to RDEPEND and add ${PYTHON_REQUIRED_USE} to REQUIRED_USE: the build fails without /usr/bin/python3.12 of dev-lang/python, and passes with it.',
      'Add ${PYTHON_DEPS} to RDEPEND and add ${PYTHON_REQUIRED_USE} to REQUIRED_USE: /usr/libexec/gcc/cc1 is run with /usr/bin/python3.12 of dev-lang/python.',
    ]);
    expect(fixed(made, text)).toBe(
      ebuild(
        'inherit python-single-r1\n\nIUSE=""\nREQUIRED_USE="${PYTHON_REQUIRED_USE}"\n\nRDEPEND="\n\t${PYTHON_DEPS}\n\ta/b\n"\nDEPEND="${RDEPEND}"\n',
      ),
    );
  });

  test('under the flag that needs it', () => {
    const text = ebuild('inherit python-single-r1\n\nIUSE="py"\n\nRDEPEND="a/b"\n');
    const made = record(text, [missing('RDEPEND')], {
      iuse: ['py'],
      use: ['py'],
      variants: [makeRecord(text, { iuse: ['py'], use: [] })],
    });
    expect(fixed(made, text)).toBe(
      ebuild(
        'inherit python-single-r1\n\nIUSE="py"\nREQUIRED_USE="py? ( ${PYTHON_REQUIRED_USE} )"\n\nRDEPEND="\n\ta/b\n\tpy? ( ${PYTHON_DEPS} )\n"\n',
      ),
    );
  });

  test('an eclass for the build only is too little to run', () => {
    const text = ebuild('inherit python-any-r1\n\nIUSE=""\nRDEPEND="a/b"\n');
    const made = record(text, [
      missing('RDEPEND', 'dev-lang/python:3.12', { languageEclass: 'python-single-r1' }),
    ]);
    expect(messages(made, text)).toEqual([
      'Inherit python-single-r1 instead of python-any-r1, add ${PYTHON_DEPS} to RDEPEND and add ${PYTHON_REQUIRED_USE} to REQUIRED_USE: /usr/libexec/gcc/cc1 is run with /usr/bin/python3.12 of dev-lang/python.',
    ]);
    expect(fixed(made, text)).toBe(text);
    expect(guessed(made, text)).toBe(
      ebuild(
        'inherit python-single-r1\n\nIUSE=""\nREQUIRED_USE="${PYTHON_REQUIRED_USE}"\nRDEPEND="\n\t${PYTHON_DEPS}\n\ta/b\n"\n',
      ),
    );
  });

  test('a package that only another one brings gets the same words', () => {
    const text = ebuild('inherit python-single-r1\n\nRDEPEND="dev-python/yarl"\n');
    const brought: PackageUse = use('dev-lang/python:3.12', ['interpreter'], {
      licence: 'closure',
      through: ['dev-python/yarl'],
    });
    expect(messages(makeRecord(text, { uses: [brought] }), text)).toEqual([
      'Add ${PYTHON_DEPS} to RDEPEND: the build uses /usr/bin/tool of dev-lang/python, which is visible only because dev-python/yarl needs it.',
    ]);
  });
});

describe('an interpreter whose eclass is not inherited', () => {
  test.each([
    [
      missing('BDEPEND', 'dev-lang/python:3.12', { languageEclass: 'python-any-r1' }),
      'Set PYTHON_COMPAT, inherit python-any-r1 and add ${PYTHON_DEPS} to BDEPEND: the build fails without /usr/bin/python3.12 of dev-lang/python, and passes with it.',
      'PYTHON_COMPAT=( python3_12 )\ninherit meson python-any-r1\n\nIUSE=""\nRDEPEND="a/b"\nBDEPEND="${PYTHON_DEPS}"\n',
    ],
    [
      missing('RDEPEND', 'dev-lang/python:3.12', { languageEclass: 'python-single-r1' }),
      'Set PYTHON_COMPAT, inherit python-single-r1, add ${PYTHON_DEPS} to RDEPEND and add ${PYTHON_REQUIRED_USE} to REQUIRED_USE: /usr/libexec/gcc/cc1 is run with /usr/bin/python3.12 of dev-lang/python.',
      'PYTHON_COMPAT=( python3_12 )\ninherit meson python-single-r1\n\nIUSE=""\nREQUIRED_USE="${PYTHON_REQUIRED_USE}"\nRDEPEND="\n\t${PYTHON_DEPS}\n\ta/b\n"\n',
    ],
    [
      missing('RDEPEND', 'dev-lang/lua:5.4', { languageEclass: 'lua-single' }),
      'Set LUA_COMPAT, inherit lua-single, add ${LUA_DEPS} to RDEPEND and add ${LUA_REQUIRED_USE} to REQUIRED_USE: /usr/libexec/gcc/cc1 is run with /usr/bin/python3.12 of dev-lang/lua.',
      'LUA_COMPAT=( lua5-4 )\ninherit meson lua-single\n\nIUSE=""\nREQUIRED_USE="${LUA_REQUIRED_USE}"\nRDEPEND="\n\t${LUA_DEPS}\n\ta/b\n"\n',
    ],
    [
      missing('RDEPEND', 'dev-lang/ruby:3.2', { languageEclass: 'ruby-single' }),
      'Set USE_RUBY, inherit ruby-single and add ${RUBY_DEPS} to RDEPEND: /usr/libexec/gcc/cc1 is run with /usr/bin/python3.12 of dev-lang/ruby.',
      'USE_RUBY="ruby32"\ninherit meson ruby-single\n\nIUSE=""\nRDEPEND="\n\t${RUBY_DEPS}\n\ta/b\n"\n',
    ],
  ])(
    '%# is offered with everything that it needs, and not written without asking',
    (lacking, said, after) => {
      const text = ebuild('inherit meson\n\nIUSE=""\nRDEPEND="a/b"\n');
      const made = record(text, [lacking]);
      expect(messages(made, text)).toEqual([said]);
      expect(fixed(made, text)).toBe(text);
      expect(guessed(made, text)).toBe(ebuild(after));
    },
  );

  test('one eclass is for both if it is needed to run, too', () => {
    const text = ebuild('IUSE=""\n\nRDEPEND="a/b"\n');
    const made = record(text, [
      missing('BDEPEND', 'dev-lang/python:3.12', { languageEclass: 'python-any-r1' }),
      missing('RDEPEND', 'dev-lang/python:3.12', { languageEclass: 'python-single-r1' }),
    ]);
    expect(messages(made, text).map((said) => /inherit (\S+?),? /.exec(said)?.[1])).toEqual([
      'python-single-r1',
      'python-single-r1',
    ]);
    expect(guessed(made, text)).toContain(
      'EAPI=8\n\nPYTHON_COMPAT=( python3_12 )\ninherit python-single-r1\n',
    );
  });

  test('REQUIRED_USE comes before the dependencies', () => {
    const text = ebuild('inherit meson\n\nIUSE=""\n\nsrc_test() { :; }\n');
    const made = record(text, [
      missing('RDEPEND', 'dev-lang/python:3.12', { languageEclass: 'python-single-r1' }),
    ]);
    expect(guessed(made, text)).toBe(
      ebuild(
        'PYTHON_COMPAT=( python3_12 )\ninherit meson python-single-r1\n\nIUSE=""\nREQUIRED_USE="${PYTHON_REQUIRED_USE}"\n\nRDEPEND="${PYTHON_DEPS}"\n\nsrc_test() { :; }\n',
      ),
    );
  });

  test.each([
    [
      'the repository has no such eclass',
      missing('BDEPEND'),
      'Add dev-lang/python to BDEPEND: the build fails without /usr/bin/python3.12 of dev-lang/python, and passes with it.',
    ],
    [
      'it has no slots',
      missing('RDEPEND', 'dev-lang/perl'),
      'Add dev-lang/perl to RDEPEND: /usr/libexec/gcc/cc1 is run with /usr/bin/python3.12 of dev-lang/perl.',
    ],
  ])('the atom is written if %s', (_, lacking, said) => {
    const text = ebuild('RDEPEND="a/b"\n');
    expect(messages(record(text, [lacking]), text)).toEqual([said]);
  });
});
