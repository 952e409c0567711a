/** The command with real repositories of git, and a runner that builds nothing. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { type BaselineFlags, openBaseline } from '../../server/src/cli/baseline.ts';
import { REVIEW_FORM_NAMES } from '../../server/src/cli/report/review-forms.ts';
import { type ReviewCommandOptions, runReviewCommand } from '../../server/src/cli/review-command.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { openGit } from '../../server/src/review/git-program.ts';
import type { TrialRequest } from '../../server/src/trial/trial.ts';
import { bash } from '../ebuild/bash.ts';
import { createRepository, missingGit, PROFILE, type TestRepository } from '../review/git-repository.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';
import { colors, judgeFor } from './fakes.ts';
import { validate } from './schemas.ts';

const can = requireOrSkip(missingGit);
const FOO = 'dev-test/foo/foo-1.ebuild';
const FOO_2 = 'dev-test/foo/foo-2.ebuild';
const NOTHING = 'DEPEND=""\n';
const ONE = 'DEPEND="a/a"\n';
const BOTH = 'DEPEND="a/a b/b"\n';

let repository: TestRepository;
let home: string;
beforeEach(() => {
  if (missingGit !== undefined) return;
  repository = createRepository();
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-home-'));
});
afterEach(() => {
  repository?.remove();
  if (home !== undefined) rmSync(home, { recursive: true });
});

interface Result {
  readonly status: number;
  readonly report: string;
  readonly progress: readonly string[];
  readonly requests: readonly TrialRequest[];
  /** The content of each file for which a trial was asked, as it was then. */
  readonly tried: readonly string[];
}

interface Bench {
  /** The findings of the text alone. */
  check?(text: string): readonly Finding[];
  /** The packages that every ebuild needs. */
  readonly wanted?: readonly string[];
  /** The record of a trial, or an error. */
  record?(request: TrialRequest): Partial<TrialRecord>;
  readonly signal?: AbortSignal;
  readonly baseline?: BaselineFlags;
}

/** Reviews the repository with a runner that builds nothing, and expects that no checkout is left. */
async function review(options: Partial<ReviewCommandOptions> = {}, bench: Bench = {}): Promise<Result> {
  const printed: string[] = [];
  const progress: string[] = [];
  const requests: TrialRequest[] = [];
  const tried: string[] = [];
  const judge = judgeFor(bench.wanted ?? ['a/a', 'b/b']);
  let clock = 0;
  const status = await runReviewCommand(
    {
      range: undefined,
      all: false,
      jobs: 1,
      fresh: false,
      quick: false,
      tests: false,
      states: {},
      why: false,
      format: 'text',
      reports: [],
      ...options,
    },
    {
      git: await openGit(repository.top, bench.signal),
      home,
      runner: {
        async run(request, listener) {
          requests.push(request);
          tried.push(readFileSync(request.file, 'utf8'));
          listener.progress({ phase: 'compile', elapsed: 100, packagesSeen: 1 });
          return makeRecord(request.text, bench.record?.(request));
        },
        recall: async () => undefined,
      },
      judge: (record, text) => {
        const verdict = judge(record, text);
        // The real one asks for the names of packages.
        const findings = verdict.findings.map((finding) => ({
          ...finding,
          about: [finding.message.split(' ')[0] as `${string}/${string}`],
        }));
        return { ...verdict, findings, state: record.outcome === 'passed' ? verdict.state : 'not-verified' };
      },
      check: (_, text) => bench.check?.(text) ?? [],
      readFacts: (text) => parseEbuild(text, bash),
      knowledgeFor: () => undefined,
      rulesOf: () => [],
      ready: async () => {},
      readFile: async (path) => {
        if (!existsSync(path)) throw new UserError(`${path} does not exist: name an ebuild file.`);
        return readFileSync(path, 'utf8');
      },
      readPage: () => undefined,
      baseline: openBaseline(bench.baseline ?? {}),
      isComplete: () => true,
      print: (text) => void printed.push(text),
      progress: { isTTY: false, columns: 80, write: (text) => void progress.push(text) },
      colors,
      // The review takes a second, however often it asks.
      now: () => {
        const time = clock;
        clock = 1000;
        return time;
      },
    },
    bench.signal,
  );
  expect(readdirSync(join(home, existsSync(join(home, 'reviews')) ? 'reviews' : ''))).toEqual([]);
  return { status, report: printed.join('\n'), progress, requests, tried };
}

const headline = ({ report }: Result) => report.split('\n')[0];

describe('the report', () => {
  can('of a new version that forgets a dependency, as whole text', async () => {
    repository.commit({ ...PROFILE, [FOO]: ONE });
    repository.commit({ [FOO_2]: NOTHING });
    const { status, report, progress } = await review({ range: 'HEAD~1..' });
    expect(report).toBe(
      [
        '1 new, 0 fixed, 1 unchanged – 1 package, 1 USE state, 1.0 s',
        '',
        'dev-test/foo/foo-2.ebuild (new, compared with foo-1.ebuild)',
        'dev-test/foo/foo-2.ebuild:1:1: error[missing-depend]: a/a is missing.',
        '  src_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)',
        '  fix: Add a/a to DEPEND',
        '  --- a/dev-test/foo/foo-2.ebuild',
        '  +++ b/dev-test/foo/foo-2.ebuild',
        '  @@ -1,1 +1,2 @@',
        '  -DEPEND=""',
        '  +DEPEND="',
        '  +\ta/a"',
        '  unchanged: 1 finding (missing-depend)',
      ].join('\n'),
    );
    expect(status).toBe(1);
    expect(progress).toEqual([
      'trial of foo-2.ebuild: compile, 0.1 s, 1 package\n',
      'base trial of foo-1.ebuild: compile, 0.1 s, 1 package\n',
    ]);
  });

  can('of a commit that adds it, and of one that changes nothing about it', async () => {
    repository.commit({ ...PROFILE, [FOO]: ONE });
    repository.commit({ [FOO]: BOTH });
    repository.commit({ [FOO]: `# a comment\n${BOTH}` });
    const fixed = await review({ range: 'HEAD~2..HEAD~1' });
    expect(fixed.report).toBe(
      [
        '0 new, 1 fixed, 0 unchanged – 1 package, 1 USE state, 1.0 s',
        '',
        'dev-test/foo/foo-1.ebuild (changed)',
        '  fixed error[missing-depend]: b/b is missing.',
      ].join('\n'),
    );
    expect(fixed.status).toBe(0);
    const same = await review({ range: 'HEAD~1..' });
    expect(same.report.split('\n').slice(2)).toEqual([
      'dev-test/foo/foo-1.ebuild (changed)',
      '  no findings',
    ]);
    expect(same.status).toBe(0);
  });

  can('counts findings of the text, and what was left out', async () => {
    const check = (text: string): Finding[] =>
      text.includes('x/x')
        ? [
            {
              code: 'unknown-package',
              severity: 'warning',
              message: 'No repository has the package x/x.',
              range: { start: 0, end: 1 },
              evidence: [],
              about: ['x/x'],
            },
          ]
        : [];
    const inherits = (name: string) => ({ [`dev-test/${name}/${name}-1.ebuild`]: `inherit own\n${BOTH}` });
    const names = Array.from({ length: 12 }, (_, at) => `p${at}`);
    repository.commit({
      ...PROFILE,
      ...Object.assign({}, ...names.map(inherits)),
      [FOO]: BOTH,
      [FOO_2]: BOTH,
      'eclass/own.eclass': '',
    });
    repository.commit({
      [FOO]: undefined,
      [FOO_2]: 'DEPEND="a/a b/b x/x"\n',
      'eclass/own.eclass': '# changed\n',
    });
    const { status, report } = await review({ range: 'HEAD~1..' }, { check });
    const lines = report.split('\n');
    expect(lines[0]).toBe('1 new, 0 fixed, 0 unchanged – 11 packages, 11 USE states, 1.0 s');
    expect(lines).toContain(
      'dev-test/foo/foo-2.ebuild:1:1: warning[unknown-package]: No repository has the package x/x.',
    );
    expect(lines).toContain('dev-test/p10/p10-1.ebuild (changed by own.eclass)');
    expect(lines.slice(-2)).toEqual([
      'own.eclass was changed: 10 of 12 inheriting ebuilds were looked at.',
      '1 removed ebuild was not looked at.',
    ]);
    expect(status).toBe(1);
  });

  can('says what was not tried', async () => {
    repository.commit({ ...PROFILE, [FOO]: BOTH });
    repository.commit({ [FOO]: `${BOTH}# more\n` });
    const lines = async (record: Partial<TrialRecord>) =>
      (await review({ range: 'HEAD~1..' }, { record: () => record })).report.split('\n').slice(3);
    expect(await lines({ iuse: ['png', 'test'], untested: 'left-out', gaps: ['a gap'] })).toEqual([
      '  not observed: a gap',
      '  not tried: other USE states (--use-matrix tries them), src_test (--tests runs it)',
      '  no findings',
    ]);
    expect(await lines({ disputes: ['The records\u202e disagree.', 'So does the trial.'] })).toEqual([
      '  disputed: The records\\u{202e} disagree. So does the trial.',
      '  no findings',
    ]);
    expect(await lines({ iuse: ['test'], untested: 'restricted' })).toEqual([
      '  not tried: src_test (RESTRICT forbids it)',
      '  no findings',
    ]);
    const tested = makeRecord(BOTH, { use: ['test'] });
    expect(await lines({ iuse: ['png', 'test'], untested: 'left-out', variants: [tested] })).toEqual([
      '  no findings',
    ]);
  });

  can('reminds of a revision and of the live ebuild, which the exit status counts by severity', async () => {
    const live = 'dev-test/foo/foo-9999.ebuild';
    // Git takes a file for renamed if most of it is the same.
    const runtime = (value: string) => `${BOTH}RDEPEND="${value}"\n\n${'# more\n'.repeat(9)}`;
    const record = ({ text }: TrialRequest): Partial<TrialRecord> => ({
      evaluated: { ...NOTHING_DECLARED, RDEPEND: /RDEPEND="(.*)"/.exec(text)?.[1] ?? '' },
    });
    repository.commit({ ...PROFILE, [FOO]: runtime('a/a'), [live]: runtime('a/a') });
    repository.write({ [FOO]: runtime('a/a c/c') });
    const { status, report } = await review({}, { record });
    expect(report).toBe(
      [
        '2 new, 0 fixed, 0 unchanged – 1 package, 1 USE state, 1.0 s',
        '',
        'dev-test/foo/foo-1.ebuild (changed)',
        'dev-test/foo/foo-1.ebuild:2:1: warning[missing-revision-bump]: Users who have foo-1 installed do not get this change (RDEPEND gains c/c): rename the file to foo-1-r1.ebuild.',
        'dev-test/foo/foo-1.ebuild:2:1: information[live-ebuild-behind]: The live ebuild foo-9999.ebuild does not have this change (RDEPEND gains c/c): make it there too.',
      ].join('\n'),
    );
    expect(status).toBe(1);
    repository.git('mv', FOO, 'dev-test/foo/foo-1-r1.ebuild');
    const renamed = await review({}, { record });
    expect(renamed.report.split('\n').slice(2)).toEqual([
      'dev-test/foo/foo-1-r1.ebuild (renamed from foo-1.ebuild)',
      'dev-test/foo/foo-1-r1.ebuild:2:1: information[live-ebuild-behind]: The live ebuild foo-9999.ebuild does not have this change (RDEPEND gains c/c): make it there too.',
    ]);
    expect(renamed.status).toBe(0);
    repository.write({ [live]: runtime('a/a c/c') });
    const all = await review({}, { record });
    expect(all.report.split('\n').slice(2)).toEqual([
      'dev-test/foo/foo-1-r1.ebuild (renamed from foo-1.ebuild)',
      '  no findings',
      '',
      'dev-test/foo/foo-9999.ebuild (changed)',
      '  no findings',
    ]);
    const ignored = '# audit: ignore not-tried – no time\n';
    repository.write({ [live]: `${runtime('a/a c/c')}${ignored}` });
    const untested = await review({}, { record: () => ({ untested: 'left-out' }) });
    expect(untested.report.split('\n').filter((line) => line.startsWith('  '))).toEqual([
      '  not tried: src_test (--tests runs it)',
      '  no findings',
      '  no findings',
    ]);
  });

  can('says what another version newly looks for', async () => {
    const probes = (name: string): TrialRecord['probes'] => [
      {
        package: { category: 'a', name, version: '1', slot: '0', subslot: '0', use: [] },
        atom: `a/${name}`,
        variables: ['DEPEND'],
        effect: 'none',
        differences: [],
        evidence: [],
      },
    ];
    repository.commit({ ...PROFILE, [FOO]: BOTH });
    repository.commit({ [FOO_2]: BOTH });
    const record = ({ file }: TrialRequest) => ({ probes: probes(file.endsWith(FOO) ? 'old' : 'new') });
    expect((await review({ range: 'HEAD~1..' }, { record })).report.split('\n').slice(3)).toEqual([
      '  newly looked for: a/new',
      '  no longer looked for: a/old',
      '  no findings',
    ]);
    // Another text of the same version may look for something else because it declares something else.
    repository.commit({ [FOO]: `${BOTH}# more\n` });
    const changed = ({ text }: TrialRequest) => ({ probes: probes(text === BOTH ? 'old' : 'new') });
    expect((await review({ range: 'HEAD~1..' }, { record: changed })).report).not.toContain('looked for');
  });

  can('says how the image differs from the old one', async () => {
    repository.commit({ ...PROFILE, [FOO]: BOTH });
    repository.commit({ [FOO_2]: BOTH });
    const record = ({ file }: TrialRequest): Partial<TrialRecord> => {
      const [version, major] = file.endsWith(FOO) ? ['1', '1'] : ['2', '3'];
      const library = `/usr/lib64/libfoo.so.${major}`;
      return {
        packageAndVersion: `foo-${version}`,
        installed: {
          files: [
            '/usr/bin/foo',
            library,
            `/usr/share/doc/foo-${version}/README`,
            `/usr/share/man/man1/${version === '1' ? 'old' : 'new'}.1`,
          ],
          elf: [
            {
              path: '/usr/bin/foo',
              needed: [`libfoo.so.${major}`, version === '1' ? 'libold.so.1' : 'libz.so.1'],
            },
            { path: library, soname: `libfoo.so.${major}`, needed: [] },
          ],
        },
      };
    };
    expect((await review({ range: 'HEAD~1..' }, { record })).report.split('\n').slice(3)).toEqual([
      '  newly installed: /usr/share/man/man1/new.1',
      '  no longer installed: /usr/share/man/man1/old.1',
      '  soname: libfoo.so.1 is now libfoo.so.3',
      '  newly linked: libz.so.1 by /usr/bin/foo',
      '  no longer linked: libold.so.1 by /usr/bin/foo',
      '  no findings',
    ]);
  });

  can('of the whole working tree takes every ebuild as new, and needs no commit', async () => {
    repository.write({ ...PROFILE, [FOO]: ONE, [FOO_2]: BOTH });
    const { status, report, requests } = await review({ all: true });
    expect(status).toBe(1);
    expect(requests.map(({ file }) => file.replace(`${repository.top}/`, ''))).toEqual([FOO, FOO_2]);
    const lines = report.split('\n');
    expect(lines[0]).toMatch(/^1 new, 0 fixed, 0 unchanged – 1 package, 2 USE states/);
    expect(lines).toContain('dev-test/foo/foo-2.ebuild (new)');
    repository.commit({});
    expect((await review({ all: true })).report.split('\n').slice(1)).toEqual(lines.slice(1));
  });

  can('has no character that cannot be seen', async () => {
    const path = 'dev-test/f\u202eo/f\u202eo-1.ebuild';
    repository.commit(PROFILE);
    repository.commit({ [path]: NOTHING, 'dev-test/n\nl/n\nl-1.ebuild': NOTHING });
    const { report } = await review({ range: 'HEAD~1..' });
    expect(report).toContain('dev-test/f\\u{202e}o/f\\u{202e}o-1.ebuild (new)');
    expect(report).toContain('\ndev-test/n l/n l-1.ebuild (new)\n');
    expect(report).not.toContain('\u202e');
  });

  can('is written to files in other forms, and refuses a place for one before it builds', async () => {
    repository.commit({ ...PROFILE, [FOO]: ONE });
    repository.commit({ [FOO]: BOTH });
    const path = (name: string) => join(home, name);
    const { report } = await review({
      range: 'HEAD~1..',
      reports: [
        { form: 'json', path: path('review.json') },
        { form: 'html', path: path('review.html') },
      ],
    });
    expect(report).toMatch(/^0 new, 1 fixed, 0 unchanged/);
    expect(validate('review', JSON.parse(readFileSync(path('review.json'), 'utf8')))).toEqual([]);
    expect(readFileSync(path('review.html'), 'utf8')).toMatch(/^<!doctype html>.*<\/html>\n$/is);
    const nowhere = path('none/review.md');
    const requests: TrialRequest[] = [];
    const refused = review(
      { range: 'HEAD~1..', reports: [{ form: 'markdown', path: nowhere }] },
      {
        record(request) {
          requests.push(request);
          return {};
        },
      },
    );
    await expect(refused).rejects.toThrow(
      `${nowhere} cannot be written (ENOENT): name a file in a folder that you may write to.`,
    );
    expect(requests).toEqual([]);
  });

  can('in JSON is one document', async () => {
    repository.commit({ ...PROFILE, [FOO]: ONE });
    repository.commit({ [FOO]: BOTH });
    const { report } = await review({ range: 'HEAD~1..', format: 'json' });
    expect(validate('review', JSON.parse(report))).toEqual([]);
    expect(JSON.parse(report)).toMatchObject({
      format: 1,
      base: 'HEAD~1',
      head: 'HEAD',
      ebuilds: [
        {
          file: FOO,
          from: FOO,
          judged: true,
          base: { outcome: 'passed' },
          new: [],
          fixed: [{ code: 'missing-depend', message: 'b/b is missing.' }],
          unchanged: [],
        },
      ],
      removed: 0,
      states: 1,
    });
  });
});

describe('the forms that only a review has', () => {
  can('are one document each, of the same review, with the same exit status', async () => {
    repository.commit({ ...PROFILE, [FOO]: ONE });
    repository.commit({ [FOO_2]: NOTHING });
    const begins = {
      sarif: '{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n',
      rdjson: '{\n  "source": {\n    "name": "ebuild-audit",\n',
      markdown: '1 new, 0 fixed, 1 unchanged – 1 package, 1 USE state, 1.0 s\n\n<details>\n',
      github: `::error file=${FOO_2},line=1,endLine=1,col=1,endColumn=9,title=missing-depend::a/a is missing.`,
      junit: '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="Ebuild Audit" tests="1"',
      html: '<!doctype html>\n<html lang="en">\n',
    } as const;
    for (const [format, beginning] of Object.entries(begins) as [keyof typeof begins, string][]) {
      const { report, status } = await review({ range: 'HEAD~1..', format });
      expect(report.slice(0, beginning.length)).toBe(beginning);
      expect(report).toContain('missing-depend');
      expect(status).toBe(1);
    }
    expect(REVIEW_FORM_NAMES).toEqual(['text', 'json', ...Object.keys(begins)]);
  });
});

describe('an ebuild that cannot be judged', () => {
  const failed = { outcome: 'failed', failure: { phase: 'compile', firstError: 'a.c:1: no' } } as const;

  can('is not silent: its trial fails', async () => {
    repository.commit({ ...PROFILE, [FOO]: BOTH });
    repository.commit({ [FOO]: `${BOTH}# more\n` });
    const result = await review({ range: 'HEAD~1..' }, { record: () => failed });
    expect(headline(result)).toBe(
      '0 new, 0 fixed, 0 unchanged, 1 ebuild not judged – 1 package, 1 USE state, 1.0 s',
    );
    expect(result.report).toContain(
      '  not judged: No missing dependency explains the failure: the compile phase failed: a.c:1: no',
    );
    expect(result.status).toBe(2);
  });

  can('is not silent: its trial is refused, and a path of a checkout is not shown', async () => {
    repository.commit({ ...PROFILE, [FOO]: NOTHING });
    repository.commit({ [FOO]: ONE });
    repository.commit({});
    const record = ({ file }: TrialRequest) => {
      throw new UserError(`${file} is refused: do something.`);
    };
    const result = await review({ range: 'HEAD~2..HEAD~1' }, { record });
    expect(result.report.split('\n').slice(2)).toEqual([
      'dev-test/foo/foo-1.ebuild (changed)',
      '  not judged: dev-test/foo/foo-1.ebuild is refused: do something.',
    ]);
    // A trial of the base would be compared with nothing.
    expect(result.requests.map(({ text }) => text)).toEqual([ONE]);
    expect([headline(result), result.status]).toEqual([
      '0 new, 0 fixed, 0 unchanged, 1 ebuild not judged – 1 package, 0 USE states, 1.0 s',
      2,
    ]);
  });

  can(
    'is not silent: both versions declare what is not installed, and then nothing is called fixed',
    async () => {
      repository.commit({ ...PROFILE, [FOO]: ONE });
      repository.commit({ [FOO]: `${ONE}# more\n` });
      const lacking = {
        outcome: 'failed',
        notInstalled: [
          { variable: 'DEPEND', atom: '>=a/a-2' },
          { variable: 'BDEPEND', atom: 'c/c' },
        ],
      } as const;
      const result = await review({ range: 'HEAD~1..' }, { record: () => lacking });
      expect([headline(result), result.status]).toEqual([
        '0 new, 0 fixed, 1 unchanged, 1 ebuild not judged – 1 package, 1 USE state, 1.0 s',
        2,
      ]);
      expect(result.report).toContain(
        '  not judged: Nothing was built, because the ebuild declares what is not installed: install >=a/a-2 and c/c.',
      );
      const record = ({ text }: TrialRequest) => (text.includes('more') ? { ...lacking, needs: [] } : {});
      expect(headline(await review({ range: 'HEAD~1..' }, { record }))).toMatch(/^\d new, 0 fixed/);
    },
  );

  can('is a new error first', async () => {
    repository.commit({ ...PROFILE, [FOO]: BOTH });
    repository.commit({ [FOO]: ONE });
    expect((await review({ range: 'HEAD~1..' }, { record: () => failed })).status).toBe(1);
  });

  can('before the change makes findings that may be older', async () => {
    repository.commit({ ...PROFILE, [FOO]: NOTHING });
    repository.commit({ [FOO]: undefined, [FOO_2]: NOTHING });
    const record = ({ file }: TrialRequest) => {
      if (file.endsWith(FOO)) throw new UserError('foo-1.tar is missing: fetch it.');
      return {};
    };
    const { report, status } = await review({ range: 'HEAD~1..' }, { record });
    expect(report).toContain('(renamed from foo-1.ebuild)');
    expect(report.split('\n').at(-1)).toBe(
      '  The old version was not judged, so these findings may be older than this change: foo-1.tar is missing: fetch it.',
    );
    expect(status).toBe(1);
    const broken = await review(
      { range: 'HEAD~1..' },
      { record: ({ file }) => (file.endsWith(FOO) ? failed : {}), wanted: ['a/a'] },
    );
    expect(broken.report).not.toContain('older');
    const forgot = { record: ({ text }: TrialRequest) => (text === BOTH ? failed : {}) };
    repository.commit({ [FOO_2]: BOTH });
    repository.commit({ [FOO_2]: ONE });
    expect((await review({ range: 'HEAD~1..' }, forgot)).report.split('\n').at(-1)).toBe(
      '  The old version was not judged, so these findings may be older than this change: No missing dependency explains the failure: the compile phase failed: a.c:1: no',
    );
  });
});

describe('the trials', () => {
  can(
    'build each text where its state is, and the base at the head if nothing else has changed',
    async () => {
      repository.commit({ ...PROFILE, [FOO]: NOTHING });
      repository.commit({ [FOO]: ONE });
      const inPlace = await review({ range: 'HEAD~1..' });
      expect(inPlace.requests.map(({ file, text }) => [file, text])).toEqual([
        [join(repository.top, FOO), ONE],
        [join(repository.top, FOO), NOTHING],
      ]);
      repository.commit({ [FOO]: BOTH, 'dev-test/foo/files/a.patch': 'x' });
      const apart = await review({ range: 'HEAD~1..' });
      expect(apart.requests.map(({ text }) => text)).toEqual([BOTH, ONE]);
      expect(apart.tried).toEqual([BOTH, ONE]);
      expect(apart.requests[1]?.file).toMatch(
        /\/reviews\/[0-9a-f]{16}-1\/base\/tiny\/dev-test\/foo\/foo-1\.ebuild$/,
      );
      // A dirty tree is not the head of such a range.
      repository.write({ [FOO]: '# not committed\n' });
      expect((await review({ range: 'HEAD~1..' })).tried).toEqual([BOTH, ONE]);
      expect((await review()).tried).toEqual(['# not committed\n', '# not committed\n']);
    },
  );

  can(
    'of an old version that stays are at the head, as long as the Manifest still names its files',
    async () => {
      const manifest = 'dev-test/foo/Manifest';
      const files = async (range: string) => (await review({ range })).requests.map(({ file }) => file);
      repository.commit({ ...PROFILE, [FOO]: BOTH, [manifest]: 'DIST foo-1 1\n' });
      repository.commit({ [FOO_2]: BOTH, [manifest]: 'DIST foo-1 1\nDIST foo-2 1\n' });
      expect(await files('HEAD~1..')).toEqual([FOO_2, FOO].map((path) => join(repository.top, path)));
      repository.git('reset', '--quiet', '--hard', 'HEAD~1');
      repository.commit({ [FOO_2]: BOTH, [manifest]: 'DIST foo-2 1\n' });
      expect((await files('HEAD~1..'))[1]).toMatch(/\/base\/tiny\/dev-test\/foo\/foo-1\.ebuild$/);
    },
  );

  can('are one if both texts are the same, and pass the options on', async () => {
    repository.commit({ ...PROFILE, [FOO]: NOTHING, 'dev-test/foo/metadata.xml': '<a/>' });
    repository.write({ 'dev-test/foo/metadata.xml': '<b/>' });
    const result = await review(
      { quick: true, tests: true, fresh: true, states: { matrix: 'pairwise' } },
      { record: () => ({ storedAt: 1 }) },
    );
    expect(result.requests).toEqual([
      {
        file: join(repository.top, FOO),
        text: NOTHING,
        fresh: true,
        quick: true,
        tests: true,
        matrix: 'pairwise',
      },
    ]);
    expect(headline(result)).toBe(
      '0 new, 0 fixed, 2 unchanged – 1 package, 1 USE state, 1.0 s, 1 from records',
    );
    expect(result.report.split('\n')[2]).toBe(
      'dev-test/foo/foo-1.ebuild (changed by dev-test/foo/metadata.xml)',
    );
  });
});

describe('a patch', () => {
  can('is reviewed against HEAD, whatever the working tree is', async () => {
    repository.commit({ ...PROFILE, [FOO]: ONE });
    repository.commit({ [FOO]: BOTH });
    const file = join(home, 'a.patch');
    writeFileSync(file, `${repository.git('format-patch', '--stdout', '-1', 'HEAD')}\n`);
    repository.git('reset', '--quiet', '--hard', 'HEAD~1');
    repository.write({ [FOO]: '# not committed\n' });
    const { report, tried, status } = await review({ range: file });
    expect(report.split('\n').slice(2)).toEqual([
      'dev-test/foo/foo-1.ebuild (changed)',
      '  fixed error[missing-depend]: b/b is missing.',
    ]);
    // The surroundings are the same, so the old text is built at the head.
    expect([tried, status]).toEqual([[BOTH, BOTH], 0]);
    writeFileSync(file, '');
    await expect(review({ range: file })).rejects.toThrow(`${file} has no patch`);
    expect(readdirSync(join(home, 'reviews'))).toEqual([]);
    expect(readFileSync(join(repository.top, FOO), 'utf8')).toBe('# not committed\n');
  });
});

describe('a repository of ebuilds', () => {
  can('may be a folder of the clone', async () => {
    repository.commit({ [`over/lay/${FOO}`]: NOTHING });
    repository.write({ [`over/lay/${FOO}`]: ONE });
    const { report, requests } = await review();
    expect(report).toContain(`over/lay/${FOO} (changed)`);
    expect(requests[0]?.file).toBe(join(repository.top, 'over/lay', FOO));
  });
});

describe('nothing to review', () => {
  can('is said, and is no error', async () => {
    repository.commit({ ...PROFILE, [FOO]: NOTHING });
    const sentence =
      'No ebuild is added or changed between HEAD and the working tree: there is nothing to review; name another range such as HEAD~1.';
    expect(await review()).toMatchObject({ status: 0, report: sentence, requests: [] });
    repository.write({ 'README.md': 'new\n', 'profiles/package.mask': 'a/a\n' });
    expect((await review()).report).toBe(sentence);
    repository.write({ [FOO]: undefined });
    expect((await review()).report).toBe(`${sentence}\n1 removed ebuild was not looked at.`);
  });
});

describe('a cancelled review', () => {
  can('rejects with the reason, and leaves nothing', async () => {
    repository.commit({ ...PROFILE, [FOO]: NOTHING });
    repository.commit({ [FOO_2]: ONE, [FOO]: undefined });
    const controller = new AbortController();
    const record = () => {
      expect(readdirSync(join(home, 'reviews'))).toHaveLength(1);
      controller.abort(new Error('The review was cancelled.'));
      return {};
    };
    await expect(review({ range: 'HEAD~1..' }, { record, signal: controller.signal })).rejects.toThrow(
      'The review was cancelled.',
    );
    expect(readdirSync(join(home, 'reviews'))).toEqual([]);
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  can('by an error that is not for the user ends as well', async () => {
    repository.commit({ ...PROFILE, [FOO]: NOTHING });
    repository.write({ [FOO]: ONE });
    const record = () => {
      throw new TypeError('a defect');
    };
    await expect(review({}, { record })).rejects.toThrow('a defect');
    expect(readdirSync(join(home, 'reviews'))).toEqual([]);
  });
});

describe('a baseline', () => {
  can('hides what it has and the change brings, and names what is gone', async () => {
    repository.commit({ ...PROFILE, 'profiles/categories': 'dev-test\n' });
    repository.commit({ [FOO]: NOTHING });
    const file = join(home, 'baseline.json');
    const written = await review({ range: 'HEAD~1..' }, { baseline: { writeBaseline: file } });
    expect(written.status).toBe(0);
    expect(written.report.split('\n')).toEqual([
      '0 new, 0 fixed, 0 unchanged – 1 package, 1 USE state, 1.0 s',
      '',
      'dev-test/foo/foo-1.ebuild (new)',
      '  in the baseline: 2 findings (missing-depend)',
      '',
      `2 known findings are hidden; ${file} now lists 2.`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe(
      [
        '{',
        '  "format": 1,',
        '  "findings": [',
        `    {"file":"${FOO}","code":"missing-depend","level":"fault","about":"a/a","count":1},`,
        `    {"file":"${FOO}","code":"missing-depend","level":"fault","about":"b/b","count":1}`,
        '  ]',
        '}',
        '',
      ].join('\n'),
    );
    // Lines move, one finding goes and another one comes.
    repository.commit({ [FOO]: `# a comment\n${ONE}` });
    const baseline = { baseline: file };
    const later = await review({ range: 'HEAD~2..' }, { baseline, wanted: ['a/a', 'b/b', 'c/c'] });
    expect(later.status).toBe(1);
    expect(headline(later)).toBe('1 new, 0 fixed, 0 unchanged – 1 package, 1 USE state, 1.0 s');
    expect(later.report.split('\n').slice(-4)).toEqual([
      '  in the baseline: 1 finding (missing-depend)',
      '',
      `1 known finding is hidden by ${file}.`,
      `missing-depend in ${FOO} (a/a) is gone: remove it from ${file}, or use --write-baseline.`,
    ]);
    const json = JSON.parse((await review({ range: 'HEAD~2..', format: 'json' }, { baseline })).report);
    expect(validate('review', json)).toEqual([]);
    expect(json.baseline).toMatchObject({ name: file, hidden: 1, stale: [{ about: 'a/a', left: 0 }] });
    expect(json.ebuilds[0].known).toHaveLength(1);
    // Written again it has shrunk; an ebuild that is gone goes too.
    await review({ range: 'HEAD~2..' }, { baseline: { writeBaseline: file } });
    expect(JSON.parse(readFileSync(file, 'utf8')).findings).toHaveLength(1);
    repository.commit({ [FOO]: undefined, [FOO_2]: BOTH });
    expect((await review({ range: 'HEAD~1..' }, { baseline })).report.split('\n').at(-1)).toBe(
      `missing-depend in ${FOO} (b/b) is gone with its ebuild: remove it from ${file}, or use --write-baseline.`,
    );
  });

  can('has no say in what the base had, and does not call gone what was not judged', async () => {
    repository.commit({ ...PROFILE, [FOO]: NOTHING });
    repository.commit({ [FOO]: `${NOTHING}# more\n` });
    const file = join(home, 'baseline.json');
    await review({ range: 'HEAD~1..' }, { baseline: { writeBaseline: file } });
    const same = await review({ range: 'HEAD~1..' }, { baseline: { baseline: file } });
    expect(headline(same)).toBe('0 new, 0 fixed, 2 unchanged – 1 package, 1 USE state, 1.0 s');
    expect(same.report.split('\n').at(-1)).toBe(`0 known findings are hidden by ${file}.`);
    const failing: Bench = {
      baseline: { baseline: file },
      wanted: [],
      record: () => ({ outcome: 'failed', failure: { phase: 'compile', firstError: 'no' } }),
    };
    const failed = await review({ range: 'HEAD~1..' }, failing);
    expect(failed.report.split('\n').at(-1)).toBe(`0 known findings are hidden by ${file}.`);
    expect(failed.status).toBe(2);
  });
});
