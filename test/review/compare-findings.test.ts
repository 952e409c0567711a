import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import { compareFindings } from '../../server/src/review/compare-findings.ts';

const find = (change: Partial<Finding>): Finding => ({
  code: 'missing-depend',
  severity: 'error',
  message:
    'Add sys-libs/zlib:= to DEPEND: the build fails without /usr/include/zlib.h of sys-libs/zlib, and passes with it.',
  range: { start: 0, end: 1 },
  evidence: [],
  about: ['sys-libs/zlib'],
  ...change,
});

/** Findings of a trial that are about no package. */
const fails = (message: string): Partial<Finding> => ({ code: 'failing-use-state', about: [], message });
const connects = (phase: string, address: string): Partial<Finding> => ({
  code: 'network-access',
  about: [],
  message: `Add what is downloaded to SRC_URI, or switch the download off: ${phase} tries to connect to ${address}, and a build has no network.`,
});
const lacks = (library: string): Partial<Finding> => ({
  code: 'unresolved-need',
  severity: 'warning',
  about: [],
  message: `Add the package that has ${library} to RDEPEND, or install ${library} with this package: /usr/bin/foo links ${library}, which no installed package has.`,
});

/** The numbers of new, fixed and unchanged findings. */
const count = (before: readonly Finding[], after: readonly Finding[]) => {
  const { added, fixed, unchanged } = compareFindings(before, after);
  return [added.length, fixed.length, unchanged.length];
};
const SAME = [0, 0, 1];
const OTHER = [1, 1, 0];

describe('a finding stays the same', () => {
  test.each<[string, Partial<Finding>, Partial<Finding>]>([
    ['if its lines have moved', { range: { start: 0, end: 9 } }, { range: { start: 700, end: 709 } }],
    [
      'if another file shows it',
      {},
      {
        message:
          'Add sys-libs/zlib:= to DEPEND: the build fails without /usr/include/zconf.h of sys-libs/zlib, and passes with it.',
      },
    ],
    [
      'if the names of its package come in another order',
      { about: ['a/a', 'b/b'] },
      { about: ['b/b', 'a/a'] },
    ],
    [
      'if the advice changes',
      {
        code: 'unowned-file',
        about: [],
        message: 'The build uses /usr/x-1.2, which no package owns: do this.',
      },
      {
        code: 'unowned-file',
        about: [],
        message: 'The build uses /usr/x-1.3, which no package owns: do that.',
      },
    ],
    [
      'if the error that it quotes changes',
      fails('Mend the build: src_compile fails with USE="-png" (a.c:1: f(x)).'),
      fails('Mend the build: src_compile fails with USE="-png" (b.c:2: y).'),
    ],
    [
      'if a constraint is known that it did not name before',
      fails('Mend the build: src_compile fails with USE="png -jpeg" (a.c:1: f(x)).'),
      fails(
        'Add png? ( jpeg ) to REQUIRED_USE, or mend the build: src_compile fails with USE="png -jpeg" (a.c:1: f(x)).',
      ),
    ],
    [
      'if the build connects to another address',
      connects('src_compile', '192.0.2.1:443'),
      connects('src_compile', '192.0.2.77:80'),
    ],
    ['if an error becomes a warning', {}, { severity: 'warning' }],
  ])('%s', (_, before, after) => {
    expect(count([find(before)], [find(after)])).toEqual(SAME);
  });
});

describe('a finding is another one', () => {
  const unused = (variable: string): Partial<Finding> => ({
    code: 'unused',
    severity: 'hint',
    message: `Remove a/a from ${variable} if nothing else needs it: the build without it installs the same image.`,
    about: ['a/a'],
  });
  const asks = (flag: string): Partial<Finding> => ({
    code: 'missing-use-dependency',
    about: ['a/a'],
    message: `Write a/a[${flag}]: the build uses /usr/x of a/a, which only USE=${flag} installs.`,
    fix: { title: `Ask for [${flag}]`, edits: [] },
  });
  test.each<[string, Partial<Finding>, Partial<Finding>]>([
    ['of another package', { code: 'automagic' }, { code: 'automagic', about: ['dev-libs/b'] }],
    ['of another code', {}, { code: 'missing-bdepend', about: ['a/a'] }],
    ['of another variable, where it is about one', unused('DEPEND'), unused('BDEPEND')],
    ['of another USE flag', asks('png'), asks('zlib')],
    ['of another phase, if it is about no package', connects('src_compile', 'a'), connects('src_test', 'a')],
    ['of another library that nobody has', lacks('libbar.so.3'), lacks('libfoo.so.3')],
    [
      'of another USE state',
      fails('Mend the build: src_compile fails with USE="-png" (a.c:1: x).'),
      fails('Mend the build: src_compile fails with USE="-jpeg" (a.c:1: x).'),
    ],
    [
      'of another USE state, with a constraint',
      fails(
        'Add png? ( jpeg ) to REQUIRED_USE, or mend the build: src_compile fails with USE="png -jpeg" (x).',
      ),
      fails(
        'Add png? ( gif ) to REQUIRED_USE, or mend the build: src_compile fails with USE="png -gif" (x).',
      ),
    ],
    [
      'of another sentence, if it is about no package',
      { code: 'syntax-error', about: [], message: 'a: x.' },
      { code: 'syntax-error', about: [], message: 'b: x.' },
    ],
    [
      'if it becomes a warning',
      { code: 'transitive', severity: 'information' },
      { code: 'transitive', severity: 'warning' },
    ],
  ])('%s', (_, before, after) => {
    expect(count([find(before)], [find(after)])).toEqual(OTHER);
  });
});

test('of several alike, those with the same sentence belong together, and their number counts', () => {
  const [first, second, third] = ['a', 'b', 'c'].map((message) => find({ code: 'transitive', message }));
  if (!first || !second || !third) throw new Error('three');
  const { added, fixed, unchanged } = compareFindings([first, second], [second, third, first]);
  expect([added, fixed, unchanged]).toEqual([[third], [], [second, first]]);
  expect(count([first, second], [third])).toEqual([0, 1, 1]);
  expect(count([], [first])).toEqual([1, 0, 0]);
  expect(count([first], [])).toEqual([0, 1, 0]);
});

test('what was wrong with an atom is not fixed by removing an atom that is needed', () => {
  const slot = find({ code: 'missing-slot-operator', severity: 'information', message: 'write :=' });
  const other = find({ code: 'unused', severity: 'hint', message: 'remove it from DEPEND', about: ['b/b'] });
  expect(compareFindings([slot, other], [find({})])).toEqual({
    added: [find({})],
    fixed: [other],
    unchanged: [],
  });
});

describe('a package that is missing now', () => {
  const missing = (
    code: 'missing-depend' | 'missing-bdepend' | 'missing-rdepend',
    change: Partial<Finding> = {},
  ) => find({ code, ...change });
  test('does not fix what was wrong with its atom', () => {
    const wrong = find({ code: 'missing-slot-operator', severity: 'information' });
    expect(count([wrong], [missing('missing-rdepend')])).toEqual([1, 0, 0]);
  });
  test('may be there now in another variable, where it was missing before', () => {
    const before = [missing('missing-depend'), missing('missing-rdepend')];
    expect(count(before, [missing('missing-bdepend', { severity: 'information' })])).toEqual([1, 2, 0]);
    expect(count(before, [missing('missing-bdepend')])).toEqual([1, 2, 0]);
    const transitive = find({ code: 'transitive', severity: 'warning' });
    expect(count([transitive], [missing('missing-bdepend', { severity: 'information' })])).toEqual([1, 1, 0]);
    expect(count([transitive], [missing('missing-bdepend')])).toEqual([1, 0, 0]);
  });
});
