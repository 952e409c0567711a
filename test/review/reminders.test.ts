import { describe, expect, test } from 'vitest';
import type { Knowledge } from '../../server/src/audit/knowledge.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import type { IgnoreRule } from '../../server/src/audit/silencing/ignore-rule.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { AuditedSide } from '../../server/src/review/audit-side.ts';
import type { FileChange } from '../../server/src/review/git.ts';
import { remind } from '../../server/src/review/reminders/reminders.ts';
import type { ChangedEbuild } from '../../server/src/review/scope.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';

const FOLDER = 'dev-test/foo';
const FOO = `${FOLDER}/foo-1.ebuild`;
const HEAD = 'EAPI=8\nSLOT="0"\n';

/** What is reviewed; the ebuild is changed in place unless it says something else. */
interface Change {
  readonly path?: string;
  readonly from?: string | undefined;
  readonly cause?: ChangedEbuild['cause'];
  readonly before: string | AuditedSide;
  readonly after: string | AuditedSide;
  /** Other ebuilds of the package at the head. */
  readonly others?: Readonly<Record<string, string>>;
  readonly changes?: readonly FileChange[];
  readonly knowledge?: Knowledge;
  readonly rules?: readonly IgnoreRule[];
}

function review(change: Change) {
  const { path = FOO, before, after, others = {}, cause = { kind: 'changed' as const } } = change;
  const from = 'from' in change ? change.from : path;
  return remind(
    { path, from, package: 'dev-test/foo', cause, isOriginKept: true, isManifestChanged: false },
    typeof before === 'string' ? refused(before) : before,
    typeof after === 'string' ? refused(after) : after,
    {
      changes: change.changes ?? [{ status: 'changed', path }],
      listHead: () => [path, ...Object.keys(others).map((name) => `${FOLDER}/${name}`)],
      readHead: (name) => others[name.slice(FOLDER.length + 1)],
      readFacts: (text) => parseEbuild(text, bash),
      knowledgeFor: () => change.knowledge,
      rulesOf: () => change.rules ?? [],
    },
  );
}

/** `code severity: message (the underlined text)`. */
function remindersOf(change: Change): string[] {
  const text = typeof change.after === 'string' ? change.after : change.after.text;
  return review(change).reminders.map(
    ({ code, severity, message, range }) =>
      `${code} ${severity}: ${message} ‹${text.slice(range.start, range.end)}›`,
  );
}

/** A side without a trial. */
function refused(text: string): AuditedSide {
  const trial = { kind: 'refused' as const, reason: 'No.' };
  return { file: '/clone/foo', text, written: [], findings: [], trial };
}

/** A side with a trial, in which each variable is what the text has unless `evaluated` says more. */
function tried(
  text: string,
  evaluated: Partial<TrialRecord['evaluated']> = {},
  change: Partial<TrialRecord> = {},
): AuditedSide {
  const record = makeRecord(text, { evaluated: { ...NOTHING_DECLARED, ...evaluated }, ...change });
  const verdict = { findings: [], state: 'verified' as const, isBuilt: true };
  return {
    ...refused(text),
    trial: { kind: 'done', record, verdict, time: { began: 0, ended: 0, phases: [] } },
  };
}

const runtime = (value: string) => `${HEAD}RDEPEND="${value}"\n`;
const evaluated = (RDEPEND: string, change: Partial<TrialRecord> = {}) =>
  tried(runtime(RDEPEND), { RDEPEND }, change);

describe('missing-revision-bump', () => {
  test('names what users do not get, and the new name of the file', () => {
    expect(remindersOf({ before: evaluated('a/b'), after: evaluated('a/b c/d') })).toEqual([
      'missing-revision-bump warning: Users who have foo-1 installed do not get this change (RDEPEND gains c/d): rename the file to foo-1-r1.ebuild. ‹RDEPEND="a/b c/d"›',
    ]);
    expect(
      remindersOf({
        path: `${FOLDER}/foo-1-r9.ebuild`,
        before: tried(HEAD, { PDEPEND: 'a/b a/c a/d a/e a/f', IDEPEND: 'x? ( a/b )' }),
        after: tried(HEAD, { PDEPEND: '>=a/b-2', IDEPEND: '|| ( d/d a/b )' }),
      }),
    ).toEqual([
      'missing-revision-bump warning: Users who have foo-1-r9 installed do not get this change (PDEPEND gains >=a/b-2 and loses a/b, a/c, a/d and 2 more; IDEPEND gains || ( a/b d/d ) and loses x? ( a/b )): rename the file to foo-1-r10.ebuild. ‹EAPI=8›',
    ]);
  });

  test.each([
    ['a slot operator', 'a/b', 'a/b:=', 'RDEPEND gains a/b:= and loses a/b'],
    ['a flag of a dependency', 'a/b', 'a/b[x]', 'RDEPEND gains a/b[x] and loses a/b'],
    ['a bound', 'a/b', '>=a/b-2', 'RDEPEND gains >=a/b-2 and loses a/b'],
    ['a bound and the slot', '>=a/b-1:=', '>=a/b-2:2=', 'RDEPEND gains >=a/b-2:2= and loses >=a/b-1:='],
    ['a blocker', '', '!a/b', 'RDEPEND gains !a/b'],
    [
      'a virtual with a slot operator',
      'sys-libs/zlib',
      'virtual/zlib:=',
      'RDEPEND gains virtual/zlib:= and loses sys-libs/zlib',
    ],
    ['another virtual', 'a/b', 'virtual/c', 'RDEPEND gains virtual/c and loses a/b'],
    ['an alternative', '|| ( a/b c/d )', 'a/b', 'RDEPEND gains a/b and loses || ( a/b c/d )'],
    [
      'a group in an alternative',
      '|| ( ( a/b c/d ) e/f )',
      '|| ( e/f c/d a/b )',
      'RDEPEND gains || ( a/b c/d e/f ) and loses || ( ( a/b c/d ) e/f )',
    ],
    ['a condition', 'x? ( a/b )', 'a/b', 'RDEPEND gains a/b and loses x? ( a/b )'],
  ])('%s is such a change', (_, before, after, reasons) => {
    const iuse = { iuse: ['x'] };
    expect(remindersOf({ before: evaluated(before, iuse), after: evaluated(after, iuse) })).toEqual([
      `missing-revision-bump warning: Users who have foo-1 installed do not get this change (${reasons}): rename the file to foo-1-r1.ebuild. ‹RDEPEND="${after}"›`,
    ]);
  });

  test.each([
    ['order, white space and repetition', 'a/b  c/d', 'c/d a/b a/b'],
    ['nested conditions', 'x? ( y? ( a/b ) )', 'y? ( x? ( a/b ) )'],
    ['parentheses', '( a/b c/d )', 'a/b c/d'],
    ['what only the tests need', '', 'test? ( a/b x? ( c/d ) )'],
    ['a bound where := asks for a rebuild', '>=a/b-1:=', '>=a/b-2:='],
    ['a virtual that the package satisfies', 'sys-libs/zlib:=', 'virtual/zlib:='],
    ['a virtual of another name', 'x? ( media-libs/libjpeg-turbo )', 'x? ( virtual/jpeg )'],
  ])('%s are none', (_, before, after) => {
    expect(remindersOf({ before: evaluated(before), after: evaluated(after) })).toEqual([]);
  });

  test('a new slot operator of DEPEND counts unless RDEPEND had or gets it', () => {
    const side = (DEPEND: string, RDEPEND = '') => tried(`${HEAD}DEPEND="${DEPEND}"\n`, { DEPEND, RDEPEND });
    expect(remindersOf({ before: side('a/b c/d'), after: side('a/b:= e/f:=') })).toEqual([
      'missing-revision-bump warning: Users who have foo-1 installed do not get this change (DEPEND asks with := for rebuilds after updates of a/b): rename the file to foo-1-r1.ebuild. ‹DEPEND="a/b:= e/f:="›',
    ]);
    expect(remindersOf({ before: side('a/b', 'a/b:='), after: side('a/b:=', 'a/b:=') })).toEqual([]);
    expect(remindersOf({ before: side('a/b'), after: side('a/b c/d') })).toEqual([]);
  });

  test('flags that come or go make package managers rebuild by themselves', () => {
    const before = evaluated('a/b old? ( c/d )', { iuse: ['old'] });
    const after = evaluated('a/b c/d new? ( e/f ) !new? ( || ( x/y z/z ) )', { iuse: ['new'] });
    expect(remindersOf({ before, after })).toEqual([expect.stringContaining('(RDEPEND gains c/d)')]);
  });

  test('so does another version of an interpreter, also where it is asked for of other packages', () => {
    const side = (...versions: string[]) => {
      const flags = versions.map((version) => `python_targets_python3_${version}`);
      const own = versions.map((version, at) => `${flags[at]}? ( dev-lang/python:3.${version} )`);
      const uses = flags.map((flag) => `${flag}(-)?`).join(',');
      return evaluated(`${own.join(' ')} >=dev-python/bar-1[x,${uses}]`, { iuse: flags });
    };
    expect(remindersOf({ before: side('12', '13'), after: side('13', '14') })).toEqual([]);
  });

  test('a package that was moved, and one instead of a virtual that is gone, are none', () => {
    const knowledge = makeKnowledge(['virtual/stays-1', 'virtual/old-1', 'lib/jpeg-1'], {
      moves: { 'a/old': 'b/new' },
      deprecated: ['virtual/old'],
    });
    const side = (value: string) => evaluated(value);
    const found = (before: string, after: string) =>
      remindersOf({ before: side(before), after: side(after), knowledge });
    expect(found('>=a/old-1[x]', '>=b/new-1[x]')).toEqual([]);
    expect(found('virtual/gone', 'lib/jpeg:=')).toEqual([]);
    expect(found('virtual/old', 'lib/jpeg:=')).toEqual([]);
    expect(found('virtual/stays', 'lib/jpeg:=')).toHaveLength(1);
    expect(found('virtual/gone', 'lib/jpeg:= c/d')).toEqual([expect.stringContaining('(RDEPEND gains c/d)')]);
  });

  test('another slot or subslot counts; profiles/updates may move the slot', () => {
    const side = (slot: string) => tried(`EAPI=8\nSLOT="${slot}"\n`);
    expect(remindersOf({ before: side('0/1'), after: side('0/2') })).toEqual([
      'missing-revision-bump warning: Users who have foo-1 installed do not get this change (SLOT becomes 0/2): rename the file to foo-1-r1.ebuild. ‹SLOT›',
    ]);
    const moved = { before: side('0'), after: side('1') };
    expect(remindersOf(moved)).toEqual([expect.stringContaining('(SLOT becomes 1)')]);
    const changes: FileChange[] = [{ status: 'changed', path: 'profiles/updates/4Q-2026' }];
    expect(remindersOf({ ...moved, changes })).toEqual([]);
    expect(remindersOf({ before: side('0'), after: side('0/0') })).toEqual([]);
  });

  test('other files are information, unless only the description has changed', () => {
    const side = (text: string, image: string, change: Partial<TrialRecord> = {}) =>
      tried(text, {}, { image, iuse: ['x'], ...change });
    const found = (before: AuditedSide, after: AuditedSide) => remindersOf({ before, after });
    const more = `${HEAD}src_install() {\n\t:\n}\n`;
    expect(found(side(HEAD, 'one'), side(more, 'two'))).toEqual([
      'missing-revision-bump information: Users who have foo-1 installed do not get this change (the installed files differ): rename the file to foo-1-r1.ebuild. ‹EAPI=8›',
    ]);
    const described = `EAPI=8\n# a comment\nKEYWORDS="~amd64"\n\nSLOT="0" # here\n`;
    expect(found(side(HEAD, 'one'), side(described, 'two'))).toEqual([]);
    expect(found(side(HEAD, 'one'), side(more, 'two', { use: ['x'] }))).toEqual([]);
    expect(found(side(HEAD, 'one'), side(more, 'one'))).toEqual([]);
    expect(found(side(HEAD, 'one'), tried(more))).toEqual([]);
    // The same text with another patch.
    expect(
      remindersOf({
        before: side(HEAD, 'one'),
        after: side(HEAD, 'two'),
        cause: { kind: 'file', path: `${FOLDER}/files/a.patch` },
      }),
    ).toEqual([expect.stringContaining('(the installed files differ)')]);
  });

  test('without trials, the texts are compared as far as they show the values', () => {
    expect(remindersOf({ before: runtime('a/b'), after: runtime('a/b\n\tc/d') })).toEqual([
      expect.stringContaining('(RDEPEND gains c/d)'),
    ]);
    const deps = (value: string) => `${HEAD}C="${value}"\nRDEPEND="\${C} \${ECLASS_DEPS}"\n`;
    expect(remindersOf({ before: deps('a/b'), after: deps('c/d') })).toEqual([
      expect.stringContaining('(RDEPEND gains c/d and loses a/b)'),
    ]);
    const inherit = (name: string) => `EAPI=8\ninherit ${name}\n${deps(name)}`;
    expect(remindersOf({ before: inherit('x/y'), after: inherit('x/z') })).toEqual([]);
    expect(remindersOf({ before: deps('a/b'), after: deps('a/b').replace('ECLASS', 'OTHER') })).toEqual([]);
    const branch = `${HEAD}if true; then\n\tRDEPEND="a/b"\nfi\n`;
    expect(remindersOf({ before: runtime('a/b'), after: branch })).toEqual([]);
  });

  test.each<[string, Partial<Change>]>([
    ['a new revision', { path: `${FOLDER}/foo-1-r1.ebuild`, from: FOO, cause: { kind: 'renamed' } }],
    ['a new version', { path: `${FOLDER}/foo-2.ebuild`, from: FOO, cause: { kind: 'added' } }],
    ['a live ebuild', { path: `${FOLDER}/foo-9999.ebuild` }],
    ['a live ebuild of a branch', { path: `${FOLDER}/foo-1.2_pre9999.ebuild` }],
    ['a file that is misnamed', { path: `${FOLDER}/bar-1.ebuild` }],
    ['a changed eclass', { cause: { kind: 'eclass', name: 'own' } }],
    ['a newer revision beside it', { others: { 'foo-1-r2.ebuild': HEAD } }],
    ['what could not be built', { before: evaluated('', { outcome: 'failed' }) }],
    ['a text that cannot be read', { before: refused('') }],
  ])('not for %s', (_, change) => {
    expect(remindersOf({ before: evaluated(''), after: evaluated('a/b'), ...change })).toEqual([]);
  });

  test('a newer version or an older revision beside it does not help those who have this one', () => {
    for (const name of ['foo-2.ebuild', 'foo-10-r1.ebuild'])
      expect(
        remindersOf({ before: evaluated(''), after: evaluated('a/b'), others: { [name]: HEAD } }),
      ).toHaveLength(1);
    const path = `${FOLDER}/foo-1-r3.ebuild`;
    const others = { 'foo-1-r2.ebuild': HEAD };
    expect(remindersOf({ path, before: evaluated(''), after: evaluated('a/b'), others })).toEqual([
      expect.stringContaining('rename the file to foo-1-r4.ebuild.'),
    ]);
  });

  test('is silenced by the text of the head and by the repository', () => {
    const rule = '# audit: ignore missing-revision-bump – nobody has it yet\n';
    const before = evaluated('');
    const after = tried(`${runtime('a/b')}${rule}`, { RDEPEND: 'a/b' });
    expect(remindersOf({ before, after })).toEqual([]);
    const rules: IgnoreRule[] = [
      {
        code: 'missing-revision-bump',
        reason: 'an overlay of one user',
        place: { kind: 'repository', line: 1, packages: 'dev-test/*' },
      },
    ];
    expect(remindersOf({ before, after: evaluated('a/b'), rules })).toEqual([]);
    // Such a rule is not stale because another change has nothing to silence.
    expect(remindersOf({ before: after, after })).toEqual([]);
  });
});

describe('missing-subslot-bump', () => {
  const slot = (value: string) => `EAPI=8\nSLOT="${value}"\n`;
  const library = (soname: string, path = `/usr/lib64/${soname}`): Partial<TrialRecord> => ({
    installed: { files: [path], elf: [{ path, soname, needed: [] }] },
  });
  const bumped = (before: AuditedSide, after: AuditedSide) =>
    remindersOf({
      before,
      after,
      path: `${FOLDER}/foo-2.ebuild`,
      from: FOO,
      cause: { kind: 'added' },
    });

  test('another soname with the same subslot', () => {
    expect(
      bumped(tried(slot('0/1'), {}, library('libfoo.so.1')), tried(slot('0/1'), {}, library('libfoo.so.2'))),
    ).toEqual([
      'missing-subslot-bump warning: libfoo.so.1 is now libfoo.so.2, and SLOT keeps the subslot 1, so packages that link it are not rebuilt: write another subslot. ‹SLOT›',
    ]);
    expect(
      bumped(tried(slot('0'), {}, library('libfoo-1.4.so')), tried(slot('0'), {}, library('libfoo-1.5.so'))),
    ).toEqual([
      'missing-subslot-bump information: libfoo-1.4.so is now libfoo-1.5.so, and SLOT has no subslot that could tell package managers to rebuild what links it: write one, such as SLOT="0/1.5". ‹SLOT›',
    ]);
  });

  test.each<[string, AuditedSide, AuditedSide]>([
    [
      'the subslot differs',
      tried(slot('0/1'), {}, library('libfoo.so.1')),
      tried(slot('0/2'), {}, library('libfoo.so.2')),
    ],
    [
      'the soname is the same',
      tried(slot('0/1'), {}, library('libfoo.so.1')),
      tried(slot('0/1'), {}, library('libfoo.so.1')),
    ],
    [
      'it is a module',
      tried(slot('0/1'), {}, library('libx.so.1', '/usr/lib64/foo/libx.so.1')),
      tried(slot('0/1'), {}, library('libx.so.2', '/usr/lib64/foo/libx.so.2')),
    ],
    ['the old version was not tried', refused(slot('0/1')), tried(slot('0/1'), {}, library('libfoo.so.2'))],
    [
      'the slot is not known',
      tried('EAPI=8\n', {}, library('libfoo.so.1')),
      tried('EAPI=8\n', {}, library('libfoo.so.2')),
    ],
  ])('not where %s', (_why, before, after) => {
    expect(bumped(before, after)).toEqual([]);
  });
});

describe('live-ebuild-behind', () => {
  const SECOND = `${FOLDER}/foo-1-r1.ebuild`;
  /** A new revision, and what the live ebuild has. */
  const renamed = (before: string, after: string, live: string, more: Partial<Change> = {}) =>
    remindersOf({
      path: SECOND,
      from: FOO,
      cause: { kind: 'renamed' },
      before: `${HEAD}${before}\n`,
      after: `${HEAD}${after}\n`,
      others: { 'foo-9999.ebuild': `${HEAD}${live}\n` },
      changes: [{ status: 'renamed', from: FOO, path: SECOND }],
      ...more,
    });

  test('names the atoms', () => {
    expect(renamed('RDEPEND="a/b"', 'RDEPEND="c/d"', 'inherit git-r3\nRDEPEND="a/b"')).toEqual([
      'live-ebuild-behind information: The live ebuild foo-9999.ebuild does not have this change (RDEPEND gains c/d and loses a/b): make it there too. ‹RDEPEND="c/d"›',
    ]);
    expect(renamed('DEPEND="x? ( a/b )"', 'BDEPEND="x? ( >=a/b-2 )"', 'DEPEND="x? ( a/b )"')).toEqual([
      'live-ebuild-behind information: The live ebuild foo-9999.ebuild does not have this change (DEPEND loses x? ( a/b ); BDEPEND gains x? ( >=a/b-2 )): make it there too. ‹BDEPEND="x? ( >=a/b-2 )"›',
    ]);
  });

  test('through helper variables and generators too; a long list is cut', () => {
    const deps = (more: string) => `C="${more} a/b"\nRDEPEND="\${C}"\nDEPEND="\${C}"`;
    expect(renamed(deps(''), deps('c/d e/f g/h i/j k/l'), deps(''))).toEqual([
      'live-ebuild-behind information: The live ebuild foo-9999.ebuild does not have this change (RDEPEND gains c/d, e/f, g/h and 2 more; DEPEND gains c/d, e/f, g/h and 2 more): make it there too. ‹RDEPEND="${C}"›',
    ]);
    const python = (bound: string) => `RDEPEND="$(python_gen_cond_dep '${bound}[\${PYTHON_USEDEP}]')"`;
    expect(renamed(python('a/b'), python('>=a/b-2'), python('a/b'))).toEqual([
      expect.stringContaining('RDEPEND gains $(python_gen_cond_dep >=a/b-2…) and loses'),
    ]);
  });

  test('of a new version, if it is the newest', () => {
    const path = `${FOLDER}/foo-2.ebuild`;
    const more: Partial<Change> = { path, cause: { kind: 'added' } };
    expect(renamed('', 'RDEPEND="a/b"', '', more)).toHaveLength(1);
    const others = { 'foo-9999.ebuild': HEAD, 'foo-3.ebuild': HEAD };
    expect(renamed('', 'RDEPEND="a/b"', '', { ...more, others })).toEqual([]);
  });

  test.each<[string, string, Partial<Change>?]>([
    ['has the change', 'RDEPEND="c/d"'],
    ['needs git anyway', 'BDEPEND="dev-vcs/git"', { before: `${HEAD}BDEPEND="dev-vcs/git"\n`, after: HEAD }],
    [
      'checks no signature',
      'RDEPEND="a/b"',
      { after: runtime('a/b').replace('R', 'BDEPEND="verify-sig? ( sec-keys/openpgp-keys-foo )"\nR') },
    ],
    ['has it in another form', 'RDEPEND=">=c/d-2"'],
    ['has neither', 'RDEPEND="a/b-extra x/y"', { before: runtime('a/b'), after: HEAD }],
    ['had another atom before', 'RDEPEND=">=a/b-2"', { after: HEAD }],
    ['has a word that may bring it', 'RDEPEND="${MORE} a/b"', { after: runtime('a/b c/d') }],
    ['inherits an eclass that may bring it', 'inherit cmake\nRDEPEND="a/b"'],
    ['inherits what only bash knows', 'inherit ${X}\nRDEPEND="a/b"'],
    [
      'is changed too',
      'RDEPEND="a/b"',
      { changes: [{ status: 'changed', path: `${FOLDER}/foo-9999.ebuild` }] },
    ],
    ['is what the new version was made from', 'RDEPEND="a/b"', { from: `${FOLDER}/foo-9999.ebuild` }],
    ['is of an older branch', '', { others: { 'foo-0.9999.ebuild': `${HEAD}RDEPEND="a/b"\n` } }],
    ['does not exist', '', { others: { 'foo-0.9.ebuild': `${HEAD}RDEPEND="a/b"\n` } }],
    [
      'is one of those that a changed eclass concerns',
      'RDEPEND="a/b"',
      { cause: { kind: 'eclass', name: 'own' } },
    ],
  ])('not if the live ebuild %s', (_, live, more = {}) => {
    expect(renamed('RDEPEND="a/b"', 'RDEPEND="c/d"', live, more)).toEqual([]);
  });

  test('not for a live ebuild itself, and not if nothing has changed', () => {
    expect(renamed('RDEPEND="a/b"', 'RDEPEND="a/b"', 'RDEPEND="a/b"')).toEqual([]);
    const path = `${FOLDER}/foo-9998.ebuild`;
    expect(renamed('RDEPEND="a/b"', '', 'RDEPEND="a/b"', { path: path.replace('9998', '99999') })).toEqual(
      [],
    );
  });

  test('is silenced for one package or for all', () => {
    const silenced = (rule: string) =>
      renamed('', `RDEPEND="a/b"\n# audit: ignore live-ebuild-behind ${rule}`, '');
    expect(silenced('– upstream has removed it')).toEqual([]);
    expect(silenced('a/b – upstream has removed it')).toEqual([]);
    expect(silenced('c/d – upstream has removed it')).toHaveLength(1);
  });
});

describe('not-tried', () => {
  const notTried = (text: string, change: Partial<TrialRecord>) =>
    review({ before: HEAD, after: tried(text, {}, change) }).notTried;
  const missing = makeRecord(HEAD, {
    iuse: ['png', 'ssl'],
    use: ['ssl', 'elibc_glibc'],
    notInstalled: [
      { variable: 'DEPEND', atom: 'dev-libs/openssl:=' },
      { variable: 'RDEPEND', atom: 'dev-libs/openssl:=' },
    ],
  });
  const built = makeRecord(HEAD, {
    iuse: ['png', 'ssl'],
    notInstalled: [{ variable: 'RDEPEND', atom: 'a/b' }],
  });

  test('says what is left out, and the packages that a USE state lacks', () => {
    expect(notTried(HEAD, { iuse: ['png', 'test'], untested: 'left-out' })).toEqual([
      'other USE states (--use-matrix tries them)',
      'src_test (--tests runs it)',
    ]);
    const state = { iuse: ['png', 'ssl'], use: ['png', 'elibc_glibc'], variants: [built, missing] };
    expect(notTried(HEAD, state)).toEqual(['USE="-png ssl" (not installed: dev-libs/openssl:=)']);
    expect(notTried(HEAD, {})).toEqual([]);
  });

  test('is hidden by a rule for everything or for one package', () => {
    const rule = (what: string) => `${HEAD}# audit: ignore not-tried ${what}– it needs a server\n`;
    expect(notTried(rule(''), { untested: 'left-out', variants: [missing] })).toEqual([]);
    expect(notTried(rule('dev-libs/openssl '), { untested: 'left-out', variants: [missing] })).toEqual([
      'src_test (--tests runs it)',
    ]);
    expect(notTried(`${HEAD}# audit: ignore not-tried\n`, { untested: 'left-out' })).toHaveLength(1);
  });
});
