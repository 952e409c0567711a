import { describe, expect, test } from 'vitest';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED, NOTHING_INHERITED } from '../support/trial-record.ts';
import { need, probe, removal, use } from './observed.ts';

const IUSE = ['jpeg', 'png'];

function ebuild(dependencies: string): string {
  return `EAPI=8\n\nDESCRIPTION="x"\nSLOT="0"\nIUSE="jpeg png"\n\n${dependencies}`;
}

/**
 * The record of a trial under several USE states: the flags of each with the observations, the configured one first.
 */
function matrix(
  text: string,
  states: readonly (readonly [flags: string, seen: Partial<TrialRecord>])[],
): TrialRecord {
  const [first, ...others] = states.map(([flags, seen]) =>
    makeRecord(text, { iuse: IUSE, use: flags.split(' ').filter((flag) => flag !== ''), ...seen }),
  );
  if (first === undefined) throw new Error('A matrix has a state.');
  return { ...first, variants: others };
}

const judgeText = (record: TrialRecord, text: string) =>
  inTextOrder(judge(record, parseEbuild(text, bash)).findings);
const fixed = (record: TrialRecord, text: string) =>
  fixAll(text, (today) => judge(record, parseEbuild(today, bash)));

describe('a USE state that does not build', () => {
  const text = ebuild('');
  const broken = (error = 'x.c:1: error', phase = 'compile'): Partial<TrialRecord> => ({
    outcome: 'failed',
    failure: { phase, firstError: error },
  });
  const found = (states: Parameters<typeof matrix>[1], text_ = text) =>
    judgeText(matrix(text, states), text_).map(({ code, severity, message, range }) => [
      `${severity} ${code}`,
      text_.slice(range.start, range.end),
      message,
    ]);

  test('is a finding at its flag, with a constraint that the states prove', () => {
    const states: Parameters<typeof matrix>[1] = [
      ['', {}],
      ['jpeg', {}],
      ['png', broken()],
      ['jpeg png', {}],
    ];
    expect(found(states)).toEqual([
      [
        'error failing-use-state',
        'png',
        'Add png? ( jpeg ) to REQUIRED_USE, or mend the build: src_compile fails with USE="png -jpeg" (x.c:1: error).',
      ],
    ]);
    const mended = text.replace('IUSE="jpeg png"\n', 'IUSE="jpeg png"\nREQUIRED_USE="png? ( jpeg )"\n');
    expect(fixed(matrix(text, states), text)).toBe(mended);
    expect(found(states, mended)).toEqual([]);
  });

  test('has no edit if it always fails with a flag, and is a warning if the tests fail', () => {
    expect(
      found([
        ['', {}],
        ['jpeg', broken('it is broken', 'test')],
        ['png', broken()],
      ]),
    ).toEqual([
      ['warning failing-use-state', 'jpeg', 'Mend the build: src_test fails with USE=jpeg (it is broken).'],
      ['error failing-use-state', 'png', 'Mend the build: src_compile fails with USE=png (x.c:1: error).'],
    ]);
  });

  test('two flags that exclude each other, and two of which one is needed', () => {
    const [{ fix: excluding } = {}] = judgeText(
      matrix(text, [
        ['', {}],
        ['jpeg', {}],
        ['png', {}],
        ['jpeg png', broken()],
      ]),
      text,
    );
    expect(excluding?.title).toBe('Add ?? ( jpeg png ) to REQUIRED_USE');
    const [{ fix: needing } = {}] = judgeText(
      matrix(text, [
        ['jpeg', {}],
        ['', broken()],
        ['png', {}],
      ]),
      text,
    );
    expect(needing?.title).toBe('Add || ( jpeg png ) to REQUIRED_USE');
  });
});

describe('a package that is needed and not declared', () => {
  const both = { needs: [need('DEPEND', 'media-libs/libpng'), need('RDEPEND', 'media-libs/libpng')] };

  test('is declared under the flag that needs it', () => {
    const text = ebuild('RDEPEND="\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n');
    const record = matrix(text, [
      ['', {}],
      ['jpeg', {}],
      ['png', both],
    ]);
    expect(judgeText(record, text).map(({ message }) => message)).toEqual([
      'Add png? ( media-libs/libpng ) to RDEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it; only USE=png needs it.',
      'Add png? ( media-libs/libpng ) to RDEPEND: /usr/libexec/gcc/cc1 needs /usr/include/png.h of media-libs/libpng; only USE=png needs it.',
    ]);
    expect(fixed(record, text)).toBe(
      ebuild('RDEPEND="\n\tsys-libs/zlib\n\tpng? ( media-libs/libpng )\n"\nDEPEND="${RDEPEND}"\n'),
    );
  });

  test('goes into the group of the flag that is there already', () => {
    const text = ebuild('DEPEND="\n\tpng? (\n\t\tsys-libs/zlib\n\t)\n"\n');
    const record = matrix(text, [
      ['', {}],
      ['png', { needs: [need('DEPEND', 'media-libs/libpng')] }],
    ]);
    expect(fixed(record, text)).toBe(
      ebuild('DEPEND="\n\tpng? (\n\t\tmedia-libs/libpng\n\t\tsys-libs/zlib\n\t)\n"\n'),
    );
  });

  test('is declared once for each of several flags', () => {
    const text = ebuild('DEPEND="sys-libs/zlib"\n');
    const seen = { needs: [need('DEPEND', 'media-libs/libfoo')] };
    const record = matrix(text, [
      ['', {}],
      ['jpeg', seen],
      ['png', seen],
    ]);
    expect(fixed(record, text)).toBe(
      ebuild('DEPEND="\n\tsys-libs/zlib\n\tjpeg? ( media-libs/libfoo ) png? ( media-libs/libfoo )\n"\n'),
    );
  });

  test('is declared without condition where every state needs it', () => {
    const text = ebuild('');
    const record = matrix(text, [
      ['', both],
      ['png', both],
    ]);
    expect(fixed(record, text)).toBe(ebuild('RDEPEND="media-libs/libpng"\nDEPEND="media-libs/libpng"\n\n'));
  });

  test('a state whose build failed says nothing of what it does not need', () => {
    const text = ebuild('');
    const record = matrix(text, [
      ['png', { needs: [need('DEPEND', 'media-libs/libpng')] }],
      ['', { outcome: 'failed' }],
    ]);
    expect(fixed(record, text)).toBe(ebuild('DEPEND="media-libs/libpng"\n\n'));
  });

  test('where no flag tells which it is, the condition is not written without asking', () => {
    const text = ebuild('');
    const record = matrix(text, [
      ['jpeg png', { needs: [need('DEPEND', 'media-libs/libpng')] }],
      ['', {}],
    ]);
    expect(
      judgeText(record, text).map(({ fix, alternatives }) => [fix?.guess, alternatives?.[0]?.title]),
    ).toEqual([[true, 'Add media-libs/libpng to DEPEND']]);
    expect(fixed(record, text)).toBe(text);
  });
});

describe('a package that is declared under a flag', () => {
  test.each([
    ['png', []],
    ['jpeg', ['missing-use-conditional']],
  ])('and needed with USE=png: under %s? it is %j', (flag, codes) => {
    const record = matrix(ebuild(''), [['png', { needs: [need('DEPEND', 'media-libs/libpng')] }]]);
    const text = ebuild(`DEPEND="${flag}? ( media-libs/libpng )"\n`);
    expect(judgeText(record, text).map(({ code }) => code)).toEqual(codes);
  });

  test('may be declared well under a flag that the ebuild did not have when it was tried', () => {
    const record = matrix(ebuild(''), [['', { needs: [need('DEPEND', 'media-libs/libpng')] }]]);
    expect(judgeText(record, ebuild('DEPEND="new? ( media-libs/libpng )"\n'))).toEqual([]);
  });

  test('and needed with the flag off too is taken out of it, once for all variables that hold it', () => {
    const text = ebuild(
      'RDEPEND="\n\tpng? (\n\t\tmedia-libs/libpng\n\t)\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n',
    );
    const record = matrix(text, [
      ['', { needs: [need('DEPEND', 'media-libs/libpng'), need('RDEPEND', 'media-libs/libpng')] }],
      ['png', { uses: [use('media-libs/libpng', ['header', 'linked'])] }],
    ]);
    const findings = judgeText(record, text);
    expect(
      findings.map(({ code, severity, message, range }) => [
        code,
        severity,
        message,
        text.slice(range.start, range.end),
      ]),
    ).toEqual([
      [
        'missing-use-conditional',
        'warning',
        'Move media-libs/libpng out of png?: media-libs/libpng is declared only under png? and needed with USE=-png, too.',
        'media-libs/libpng',
      ],
    ]);
    expect(fixed(record, text)).toBe(
      ebuild('RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n'),
    );
  });

  test('and needed under another flag too is declared under that as well', () => {
    const text = ebuild('DEPEND="\n\tpng? ( media-libs/libpng )\n"\n');
    const record = matrix(text, [
      ['', {}],
      ['jpeg', { needs: [need('DEPEND', 'media-libs/libpng')] }],
      ['png', { uses: [use('media-libs/libpng', ['header'])] }],
    ]);
    expect(fixed(record, text)).toBe(
      ebuild('DEPEND="\n\tpng? ( media-libs/libpng )\n\tjpeg? ( media-libs/libpng )\n"\n'),
    );
  });

  test('that does not need it is moved to the one that does', () => {
    const text = ebuild('DEPEND="\n\tjpeg? ( media-libs/libpng )\n\tsys-libs/zlib\n"\n');
    const record = matrix(text, [
      ['', {}],
      ['jpeg', { removals: [removal('DEPEND', 'media-libs/libpng')] }],
      ['png', { needs: [need('DEPEND', 'media-libs/libpng')] }],
    ]);
    expect(judgeText(record, text).map(({ message }) => message)).toEqual([
      'Write png? ( media-libs/libpng ): media-libs/libpng is declared only under jpeg? and needed with USE=png.',
    ]);
    expect(fixed(record, text)).toBe(ebuild('DEPEND="\n\tsys-libs/zlib\n\tpng? ( media-libs/libpng )\n"\n'));
  });

  test('that only checks for its header is moved to the one that needs it', () => {
    const text = ebuild('DEPEND="!png? ( media-libs/libpng )"\n');
    const record = matrix(text, [
      ['png', { needs: [need('DEPEND', 'media-libs/libpng')] }],
      [
        '',
        {
          uses: [use('media-libs/libpng', ['header'])],
          removals: [removal('DEPEND', 'media-libs/libpng')],
        },
      ],
    ]);
    expect(fixed(record, text)).toBe(ebuild('DEPEND="png? ( media-libs/libpng )"\n'));
  });

  test('that does without it is moved to the one that uses it if it finds it', () => {
    const text = ebuild('RDEPEND="!png? ( media-libs/libpng )"\nDEPEND="${RDEPEND}"\n');
    const record = matrix(text, [
      ['png', { probes: [probe('media-libs/libpng')] }],
      [
        '',
        {
          // A check of src_configure reads it.
          uses: [use('media-libs/libpng', ['header'])],
          removals: [removal('DEPEND', 'media-libs/libpng')],
        },
      ],
    ]);
    expect(judgeText(record, text).map(({ message }) => message)).toEqual([
      'Write png? ( media-libs/libpng ): media-libs/libpng is declared only under !png? and used with USE=png.',
    ]);
    expect(judgeText(record, text)[0]?.why).toMatchObject({
      rule: 'Declare a package that only a USE flag needs under that flag (PMS 8.2.2).',
      trials: [
        'Under USE=png, with media-libs/libpng visible, /usr/bin/hello links libpng16.so.16.',
        'With USE=-png the build without media-libs/libpng installs the same image.',
      ],
    });
    expect(fixed(record, text)).toBe(ebuild('RDEPEND="png? ( media-libs/libpng )"\nDEPEND="${RDEPEND}"\n'));
    // If the build needs it with the flag off too, the build has to follow the flag.
    const needed = matrix(text, [
      ['png', { probes: [probe('media-libs/libpng')] }],
      ['', { uses: [use('media-libs/libpng', ['header'])] }],
    ]);
    expect(judgeText(needed, text).map(({ code }) => code)).toEqual(['automagic']);
  });

  test('by an eclass is declared only there', () => {
    const text = ebuild('');
    const inherited = {
      inherited: { ...NOTHING_INHERITED, BDEPEND: ['dev-build/cmake'] },
      evaluated: { ...NOTHING_DECLARED, BDEPEND: 'png? ( dev-build/cmake )' },
    };
    const record = matrix(text, [
      ['', { ...inherited, needs: [need('BDEPEND', 'dev-build/cmake')] }],
      ['png', inherited],
    ]);
    expect(judgeText(record, text).map(({ code }) => code)).toEqual(['missing-bdepend']);
    expect(judgeText({ ...record, use: ['png'] }, text)).toEqual([]);
  });
});

describe('a package that is declared whatever the flags are', () => {
  const seen = {
    on: { uses: [use('media-libs/libpng', ['header', 'linked'])] },
    off: { removals: [removal('DEPEND', 'media-libs/libpng')] },
  };
  const record = (text: string) =>
    matrix(text, [
      ['png', seen.on],
      ['', seen.off],
      ['jpeg', seen.off],
    ]);

  test.each([
    [
      'RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n',
      'RDEPEND="\n\tpng? ( media-libs/libpng )\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n',
    ],
    [
      'RDEPEND="media-libs/libpng"\nDEPEND="media-libs/libpng"\n',
      'RDEPEND="png? ( media-libs/libpng )"\nDEPEND="png? ( media-libs/libpng )"\n',
    ],
    [
      'DEPEND="\n\tmedia-libs/libpng\n\tpng? (\n\t\tsys-libs/zlib\n\t)\n"\n',
      'DEPEND="\n\tpng? (\n\t\tmedia-libs/libpng\n\t\tsys-libs/zlib\n\t)\n"\n',
    ],
  ])('and used under one only gets the condition: %j', (before, after) => {
    const text = ebuild(before);
    expect(judgeText(record(text), text).map(({ code, message }) => [code, message])).toEqual([
      [
        'missing-use-conditional',
        'Write png? ( media-libs/libpng ): only USE=png uses media-libs/libpng, and the ebuild always declares it.',
      ],
    ]);
    expect(fixed(record(text), text)).toBe(ebuild(after));
  });

  test('and whose header is only checked for without the flag gets the condition too', () => {
    const text = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n');
    const checked = { ...seen.off, uses: [use('media-libs/libpng', ['header'])] };
    const given = matrix(text, [
      ['png', seen.on],
      ['', checked],
    ]);
    expect(fixed(given, text)).toBe(ebuild('RDEPEND="png? ( media-libs/libpng )"\nDEPEND="${RDEPEND}"\n'));
  });

  test('and used under several flags gets each', () => {
    const text = ebuild('DEPEND="\n\tmedia-libs/libpng\n"\n');
    const given = matrix(text, [
      ['png', seen.on],
      ['jpeg', seen.on],
      ['', seen.off],
    ]);
    expect(fixed(given, text)).toBe(
      ebuild('DEPEND="\n\tjpeg? ( media-libs/libpng ) png? ( media-libs/libpng )\n"\n'),
    );
  });

  test('and only run, it stays in RDEPEND, where it may be wanted always', () => {
    const text = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n');
    const given = matrix(text, [
      ['png', { uses: [use('media-libs/libpng', ['program'])] }],
      ['', seen.off],
    ]);
    expect(judgeText(given, text)).toEqual([]);
  });

  test('and built against but not linked, it is an information: dlopen may want it always', () => {
    const text = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n');
    const given = matrix(text, [
      ['png', { uses: [use('media-libs/libpng', ['header'])] }],
      ['', seen.off],
    ]);
    expect(judgeText(given, text).map(({ severity, message }) => [severity, message])).toEqual([
      [
        'information',
        'Write png? ( media-libs/libpng ) if nothing else loads or runs it: the build uses media-libs/libpng only with USE=png, and nothing installed otherwise names it.',
      ],
    ]);
    expect(fixed(given, text)).toBe(text);
  });

  test('and its own tools are run too, it is an information as well', () => {
    const text = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n');
    const on = { uses: [use('media-libs/libpng', ['program', 'pkg-config', 'library'])] };
    const given = matrix(text, [
      ['png', on],
      ['', seen.off],
    ]);
    expect(judgeText(given, text)).toMatchObject([{ severity: 'information', fix: { guess: true } }]);
  });

  test('with a USE dependency of an eclass, it gets its condition and keeps that', () => {
    const text = ebuild('DEPEND="media-libs/libpng[${MULTILIB_USEDEP}]"\n');
    const given = matrix(text, [
      ['png', seen.on],
      [
        '',
        {
          removals: [removal('DEPEND', 'media-libs/libpng[abi_x86_32(-)?,abi_x86_64(-)?]')],
        },
      ],
    ]);
    expect(fixed(given, text)).toBe(ebuild('DEPEND="png? ( media-libs/libpng[${MULTILIB_USEDEP}] )"\n'));
  });

  test('in RDEPEND alone, it is an information where the build variables have it under the flag', () => {
    const text = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="png? ( media-libs/libpng )"\n');
    const on = {
      uses: [use('media-libs/libpng', ['header', 'library']), use('media-libs/libpng', ['linked'])],
    };
    const states = (off: Partial<TrialRecord>) =>
      matrix(text, [
        ['png', on],
        ['', off],
      ]);
    const [finding, ...others] = judgeText(states({}), text);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'missing-use-conditional', severity: 'information' });
    expect(finding?.message).toBe(
      'Write png? ( media-libs/libpng ) if nothing else loads or runs it: what is installed needs media-libs/libpng only with USE=png, as DEPEND says.',
    );
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toBe(
      ebuild('RDEPEND="png? ( media-libs/libpng )"\nDEPEND="png? ( media-libs/libpng )"\n'),
    );
    // What the image needs or names without the flag, and a build that failed, say the opposite or nothing.
    expect(judgeText(states({ uses: [use('media-libs/libpng', ['linked'])] }), text)).toEqual([]);
    expect(judgeText(states({ outcome: 'failed' }), text)).toEqual([]);
    const always = ebuild('RDEPEND="media-libs/libpng"\nDEPEND="media-libs/libpng"\n');
    const codes = judgeText({ ...states({}), text: always }, always).map(({ code }) => code);
    expect(codes).not.toContain('missing-use-conditional');
  });

  test('stays where nobody has built without it, and where there is one state only', () => {
    const text = ebuild('DEPEND="media-libs/libpng"\n');
    expect(
      judgeText(
        matrix(text, [
          ['png', seen.on],
          ['', {}],
        ]),
        text,
      ),
    ).toEqual([]);
    expect(judgeText(matrix(text, [['png', seen.on]]), text)).toEqual([]);
  });
});

test('what is not installed is said once, also where only another USE state asks for it', () => {
  const text = ebuild('DEPEND="png? ( dev-libs/foo )"\n');
  const lacking = { notInstalled: [{ variable: 'DEPEND' as const, atom: 'dev-libs/foo' }] };
  const record = matrix(text, [
    ['', {}],
    ['png', lacking],
    ['png jpeg', lacking],
  ]);
  expect(judgeText(record, text).map(({ code }) => code)).toEqual(['not-installed']);
});
