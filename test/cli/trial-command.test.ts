import { describe, expect, test } from 'vitest';
import { judge } from '../../server/src/audit/judge.ts';
import type { Probe } from '../../server/src/audit/record.ts';
import { REPORT_FORM_NAMES } from '../../server/src/cli/report/report-forms.ts';
import { runTrialCommand } from '../../server/src/cli/trial-command.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { need } from '../audit/observed.ts';
import { bash } from '../ebuild/bash.ts';
import { command, judgeFor, NOW, openBench, PATH } from './fakes.ts';

const BEFORE = 'DEPEND=""\n';
const AFTER = 'DEPEND="\n\tb/b\n\ta/a"\n';
const two = { text: BEFORE, judge: judgeFor(['a/a', 'b/b']) };
const clean = judgeFor([]);

describe('exit status', () => {
  const failed = { outcome: 'failed', failure: { phase: 'compile', firstError: 'x' } } as const;
  test.each([
    ['passed, no finding', { judge: clean, records: [{}] }, {}, 0],
    ['passed, findings', { judge: judgeFor(['a/a']), records: [{}] }, {}, 1],
    ['failed, findings', { judge: judgeFor(['a/a']), records: [failed] }, {}, 1],
    ['failed, no finding', { judge: clean, records: [failed] }, {}, 2],
    ['fixed, not verified', { judge: judgeFor(['a/a']), records: [{}] }, { fix: true }, 1],
    ['verified clean', { judge: judgeFor(['a/a']), records: [failed, {}] }, { verify: true }, 0],
    ['verified, fails', { judge: judgeFor(['a/a']), records: [{}, failed] }, { verify: true }, 2],
    ['nothing to verify, clean', { judge: clean, records: [{}] }, { verify: true, fix: true }, 0],
    ['nothing to verify, failed', { judge: clean, records: [failed] }, { verify: true, fix: true }, 2],
    ['no fix to verify', { judge: judgeFor(['a/a'], false), records: [{}] }, { verify: true, fix: true }, 1],
  ] as const)('%s', async (_, options, flags, status) => {
    for (const format of REPORT_FORM_NAMES) {
      const { world } = openBench({ text: BEFORE, ...options });
      expect(await runTrialCommand(command({ ...flags, format }), world)).toBe(status);
    }
  });

  test('findings of the second trial count, whatever the first gave', async () => {
    // The second build reaches another package, which the first did not.
    let trials = 0;
    const bench = openBench({
      text: BEFORE,
      judge: (record, text) => judgeFor(record.text === BEFORE ? ['a/a'] : ['a/a', 'c/c'])(record, text),
      during: () => {
        trials += 1;
      },
    });
    expect(await runTrialCommand(command({ verify: true }), bench.world)).toBe(1);
    expect(trials).toBe(2);
  });
});

describe('the report', () => {
  test('as whole text', async () => {
    const bench = openBench({ text: BEFORE, judge: judgeFor(['a/a']) });
    await runTrialCommand(command(), bench.world);
    expect(bench.printed.join('\n')).toBe(
      [
        'foo-1.ebuild:1:1: error[missing-depend]: a/a is missing.',
        '  src_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)',
        '  fix: Add a/a to DEPEND',
        '  --- a/foo-1.ebuild',
        '  +++ b/foo-1.ebuild',
        '  @@ -1,1 +1,2 @@',
        '  -DEPEND=""',
        '  +DEPEND="',
        '  +\ta/a"',
        '',
        'foo-1.ebuild: 1 finding.',
        'Build log: /logs/media-gfx-foo-1.log',
      ].join('\n'),
    );
  });

  test('joins the findings about a package that DEPEND and RDEPEND lack, and has each of them in JSON', async () => {
    const text = 'EAPI=8\nRDEPEND="b/b"\nDEPEND="c/c"\n';
    const lacking = {
      text,
      judge: (record: Parameters<typeof judge>[0], today: string) => judge(record, parseEbuild(today, bash)),
      records: [{ needs: [need('DEPEND', 'a/a'), need('RDEPEND', 'a/a')] }],
    };
    const bench = openBench(lacking);
    expect(await runTrialCommand(command(), bench.world)).toBe(1);
    const printed = bench.printed.join('\n').split('\n');
    expect(printed.filter((line) => line.startsWith('foo-1.ebuild'))).toEqual([
      expect.stringMatching(
        /^foo-1\.ebuild:3:1: error\[missing-depend\]: Add a\/a to DEPEND and RDEPEND: the build fails without \/usr\/include\/png\.h of a\/a, and passes with it; .* of a\/a\.$/,
      ),
      'foo-1.ebuild: 1 finding.',
    ]);
    expect(printed.filter((line) => /^ {2}[+-]\t?\w/.test(line))).toEqual([
      '  -RDEPEND="b/b"',
      '  -DEPEND="c/c"',
      '  +RDEPEND="',
      '  +\ta/a',
      '  +\tb/b',
      '  +DEPEND="',
      '  +\ta/a',
      '  +\tc/c',
    ]);
    const json = openBench(lacking);
    expect(await runTrialCommand(command({ format: 'json' }), json.world)).toBe(1);
    const { findings } = JSON.parse(json.printed[0] ?? '');
    expect(findings.map((finding: { code: string; fix: object }) => [finding.code, finding.fix])).toEqual([
      ['missing-depend', expect.objectContaining({ title: 'Add a/a to DEPEND' })],
      ['missing-rdepend', expect.objectContaining({ title: 'Add a/a to RDEPEND' })],
    ]);
    expect(findings[0]).not.toHaveProperty('addition');
  });

  test('a clean and a failed one', async () => {
    const report = async (record: object) => {
      const bench = openBench({ text: BEFORE, judge: clean, records: [record] });
      await runTrialCommand(command(), bench.world);
      return bench.printed[0];
    };
    expect(await report({})).toBe('foo-1.ebuild: clean: The build used only declared packages.');
    const failure = { phase: 'compile', firstError: 'a.c:1: error: \u001b[31mno' };
    expect(await report({ outcome: 'failed', failure })).toBe(
      'foo-1.ebuild: failed: No missing dependency explains the failure: the compile phase failed: a.c:1: error: \\u{1b}[31mno',
    );
  });

  test('counts what is silenced, lists probes where they are asked for, and silence is no finding', async () => {
    const quiet: typeof clean = (record, text) => {
      const { findings, state, isBuilt } = judgeFor(['a/a'])(record, text);
      return {
        findings: [],
        silenced: findings.map((finding) => ({ finding, reason: 'on purpose', place: 'line 1' })),
        state,
        isBuilt,
      };
    };
    const probe: Probe = {
      package: { category: 'a', name: 'a', version: '1', slot: '0', subslot: '0', use: [] },
      atom: 'a/a',
      variables: ['DEPEND'],
      effect: 'none',
      differences: [],
      evidence: [],
    };
    const bench = openBench({ text: BEFORE, judge: quiet, records: [{ probes: [probe] }] });
    expect(await runTrialCommand(command({ probes: true }), bench.world)).toBe(0);
    expect(bench.printed.slice(0, 2)).toEqual([
      'foo-1.ebuild: undeclared packages that the build looked for:\n  a/a-1: it changes nothing in the image\n',
      'foo-1.ebuild: clean: The build used only declared packages. 1 finding is silenced.',
    ]);
    const json = openBench({ text: BEFORE, judge: quiet, records: [{ probes: [probe] }] });
    await runTrialCommand(command({ format: 'json' }), json.world);
    expect(JSON.parse(json.printed[0] ?? '')).toMatchObject({
      findings: [],
      silenced: [{ code: 'missing-depend', reason: 'on purpose', place: 'line 1' }],
      probes: null,
    });
  });

  test('in JSON is one document, with the second trial in it', async () => {
    const bench = openBench(two);
    await runTrialCommand(command({ verify: true, format: 'json' }), bench.world);
    expect(bench.printed).toHaveLength(1);
    const report = JSON.parse(bench.printed[0] ?? '');
    expect(report.findings.map((finding: { message: string }) => finding.message)).toEqual([
      'a/a is missing.',
      'b/b is missing.',
    ]);
    expect(report.verification).toMatchObject({ findings: [], outcome: 'passed', verification: null });
  });

  test('progress goes to its own output', async () => {
    const bench = openBench({ ...two, reports: [{ phase: 'setup', elapsed: 100, packagesSeen: 0 }] });
    await runTrialCommand(command({ verify: true }), bench.world);
    expect(bench.progress).toEqual([
      'trial: setup, 0.1 s, 0 packages\n',
      'second trial: setup, 0.1 s, 0 packages\n',
    ]);
    expect(bench.printed.join('\n')).not.toContain('setup');
  });

  test('on a terminal the progress line is gone when the report comes, and when the trial fails', async () => {
    const reports = [{ phase: 'setup', elapsed: 100, packagesSeen: 0 }];
    const bench = openBench({ ...two, reports, isTTY: true });
    await runTrialCommand(command(), bench.world);
    expect(bench.progress.at(-1)).toBe('\r\u001b[2K');
    const broken = openBench({
      ...two,
      reports,
      isTTY: true,
      during: () => {
        throw new UserError('no');
      },
    });
    expect(await runTrialCommand(command(), broken.world)).toBe(2);
    expect(broken.complaints).toEqual(['no']);
    expect(broken.progress.at(-1)).toBe('\r\u001b[2K');
  });
});

describe('a stored record', () => {
  const storedAt = NOW - 2 * 24 * 60 * 60_000;

  test('says how old it is', async () => {
    const bench = openBench({ text: BEFORE, judge: clean, records: [{ storedAt }, { storedAt }] });
    await runTrialCommand(command(), bench.world);
    expect(bench.printed[0]).toBe(
      'foo-1.ebuild: clean: The build used only declared packages. (Result of the trial 2 days ago.)',
    );
    await runTrialCommand(command({ format: 'json' }), bench.world);
    expect(JSON.parse(bench.printed.at(-1) ?? '').storedAt).toBe('2025-12-30T00:00:00.000Z');
  });

  test.each([true, false])('is asked for unless --fresh is given: %s', async (fresh) => {
    const bench = openBench({ text: BEFORE, judge: clean });
    await runTrialCommand(command({ fresh }), bench.world);
    expect(bench.requests).toEqual([{ file: PATH, text: BEFORE, fresh, quick: false }]);
  });
});

describe('several files', () => {
  const files = ['a', 'b', 'c'].map((name) => ({
    file: `${name}-1.ebuild`,
    path: `/repo/x/${name}/${name}-1.ebuild`,
  }));
  /** The second file cannot be built. */
  const open = () => {
    const bench = openBench({
      text: BEFORE,
      judge: (record, text) => (text.includes('bad') ? judgeFor(['a/a'])(record, text) : clean(record, text)),
    });
    files.forEach(
      ({ path }, index) => void bench.files.set(path, ['fine', 'no DEPEND="', 'bad DEPEND="'][index] ?? ''),
    );
    const { runner } = bench.world;
    const world = {
      ...bench.world,
      runner: {
        ...runner,
        async run(...[request, listener, signal]: Parameters<typeof runner.run>) {
          if (request.text.startsWith('no')) throw new UserError('It cannot be evaluated.');
          return runner.run(request, listener, signal);
        },
      },
    };
    return { bench, world };
  };

  test.each([1, 2, 3])(
    'each are reported, one that has no trial is named, and the status is the highest, %i at once',
    async (jobs) => {
      const { bench, world } = open();
      expect(await runTrialCommand(command({ files, jobs }), world)).toBe(2);
      expect(bench.complaints).toEqual(['b-1.ebuild: It cannot be evaluated.']);
      const printed = bench.printed.join('\n');
      expect(printed).toContain('a-1.ebuild: clean: ');
      expect(printed).toContain('c-1.ebuild: 1 finding.');
      // The lines of one file are together.
      expect(printed.indexOf('c-1.ebuild:1:5: error')).toBeGreaterThan(printed.indexOf('a-1.ebuild: clean'));
      expect(
        await runTrialCommand(command({ files: [files[0], files[2]] as typeof files, jobs }), open().world),
      ).toBe(1);
    },
  );

  test('in JSON are a list in the order of the arguments', async () => {
    const { bench, world } = open();
    await runTrialCommand(command({ files, jobs: 3, format: 'json' }), world);
    expect(bench.printed).toHaveLength(1);
    expect(JSON.parse(bench.printed[0] ?? '')).toMatchObject([
      { file: 'a-1.ebuild', outcome: 'passed', findings: [] },
      { file: 'b-1.ebuild', problem: 'It cannot be evaluated.' },
      { file: 'c-1.ebuild', findings: [{ code: 'missing-depend' }] },
    ]);
  });

  test('a file that is named twice is built once', async () => {
    const { bench, world } = open();
    const [first] = files;
    await runTrialCommand(command({ files: [first, first] as typeof files, jobs: 2 }), world);
    expect(bench.built).toEqual(['fine']);
    expect(bench.printed.filter((line) => line.includes('clean'))).toHaveLength(1);
  });
});

describe('--fix and --verify', () => {
  test('--fix writes exactly the edited file', async () => {
    const bench = openBench(two);
    await runTrialCommand(command({ fix: true }), bench.world);
    expect([...bench.files]).toEqual([[PATH, AFTER]]);
    expect(bench.built).toEqual([BEFORE]);
  });

  test.each([true, false])('--verify builds all edits, written: %s', async (fix) => {
    const bench = openBench(two);
    await runTrialCommand(command({ fix, verify: true }), bench.world);
    expect(bench.built).toEqual([BEFORE, AFTER]);
    expect(bench.files.get(PATH)).toBe(fix ? AFTER : BEFORE);
  });

  test('nothing is written without --fix or without a finding', async () => {
    for (const options of [two, { text: BEFORE, judge: clean }]) {
      const bench = openBench(options);
      await runTrialCommand(command({ fix: options !== two }), bench.world);
      expect(bench.files.get(PATH)).toBe(BEFORE);
    }
  });

  test.each(REPORT_FORM_NAMES)('a file that changed meanwhile is left alone (%s)', async (format) => {
    const bench = openBench({ ...two, during: (files) => void files.set(PATH, 'author was here') });
    const run = runTrialCommand(command({ fix: true, verify: true, format }), bench.world);
    expect(await run).toBe(2);
    expect(bench.complaints).toEqual([
      `The edits were not applied, because ${PATH} changed during the trial: run the trial again.`,
    ]);
    expect(bench.files.get(PATH)).toBe('author was here');
    expect(bench.built).toEqual([BEFORE]);
    // The findings of the trial are still reported.
    expect(bench.printed.join('\n')).toContain('a/a is missing.');
  });

  test('a cancelled command does not build', async () => {
    const bench = openBench(two);
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(runTrialCommand(command(), bench.world, signal)).rejects.toThrow('cancelled');
    expect(bench.built).toEqual([]);
  });
});
