import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import { type BaselineFlags, openBaseline } from '../../server/src/cli/baseline.ts';
import { runCheckCommand } from '../../server/src/cli/check-command.ts';
import { runTrialCommand } from '../../server/src/cli/trial-command.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import {
  findStale,
  isLookedForInTrial,
  type KnownFinding,
  renewBaseline,
  type SeenFindings,
  selectKnown,
} from '../../server/src/review/baseline.ts';
import { makeRecord } from '../support/trial-record.ts';
import { colors, command, judgeFor, openBench, PATH } from './fakes.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-baseline-'));
  file = join(folder, 'baseline.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const FOO = 'media-gfx/foo/foo-1.ebuild';

function find(about: string, change: Partial<Finding> = {}): Finding {
  return {
    code: 'missing-depend',
    severity: 'error',
    message: `${about} is missing.`,
    range: { start: 0, end: 1 },
    evidence: [],
    about: [about as `${string}/${string}`],
    ...change,
  };
}

function known(about: string, change: Partial<KnownFinding> = {}): KnownFinding {
  return { file: FOO, code: 'missing-depend', level: 'fault', about, count: 1, ...change };
}

const seenIn = (findings: readonly Finding[], isLookedFor = true, hasStates = false) =>
  new Map<string, SeenFindings>([[FOO, { findings, hasStates, isLookedFor: () => isLookedFor }]]);

describe('a known finding', () => {
  test('is known wherever its line is, so often as it was, and only while it is advice', () => {
    const moved = find('a/a', { range: { start: 70, end: 80 }, message: 'Another path shows it.' });
    const findings = [find('a/a'), moved, find('b/b')];
    expect([...selectKnown([known('a/a')], FOO, findings)]).toEqual([findings[0]]);
    expect([...selectKnown([known('a/a', { count: 2 })], FOO, findings)]).toEqual([find('a/a'), moved]);
    // The one that stays takes the place.
    expect([...selectKnown([known('a/a')], FOO, [moved], [find('a/a')])]).toEqual([]);
    const advice = known('a/a', { level: 'advice' });
    expect([...selectKnown([advice], FOO, [find('a/a')])]).toEqual([]);
    expect([...selectKnown([advice], FOO, [find('a/a', { severity: 'hint' })])]).toHaveLength(1);
  });

  test('is stale if it was looked for and is gone, or its ebuild is', () => {
    const entries = [known('a/a', { count: 3 }), known('b/b'), known('c/c', { file: 'a/b/b-1.ebuild' })];
    const stale = (isLookedFor: boolean, isGone: boolean) =>
      findStale(entries, seenIn([find('a/a')], isLookedFor), () => isGone).map(
        ({ about, left, reason }) => `${about} ${left} ${reason}`,
      );
    expect(stale(true, true)).toEqual(['a/a 1 finding-gone', 'b/b 0 finding-gone', 'c/c 0 ebuild-gone']);
    expect(stale(false, false)).toEqual([]);
  });

  test('stays in a file that is written again unless it is stale', () => {
    const entries = [known('a/a', { count: 3 }), known('b/b'), known('c/c', { file: 'a/b/b-1.ebuild' })];
    const seen = [find('d/d'), find('a/a')];
    const renew = (isLookedFor: boolean) => renewBaseline(entries, seenIn(seen, isLookedFor), () => false);
    const other = known('c/c', { file: 'a/b/b-1.ebuild' });
    expect(renew(true)).toEqual([other, known('a/a'), known('d/d')]);
    expect(renew(false)).toEqual([other, known('a/a', { count: 3 }), known('b/b'), known('d/d')]);
  });

  test('of a run with several USE states is called gone only by such a run', () => {
    const text = find('x/x', { code: 'unknown-package' });
    const written = renewBaseline([], seenIn([find('a/a'), text], true, true), () => false);
    const matrix = { matrix: true as const };
    expect(written).toEqual([known('a/a', matrix), known('x/x', { code: 'unknown-package' })]);
    expect(renewBaseline(written, seenIn([find('a/a')]), () => false)).toEqual([known('a/a', matrix)]);
    const verdict = { findings: [], state: 'verified' as const, isBuilt: true };
    const one = makeRecord('', { iuse: ['png'] });
    const several = makeRecord('', { iuse: ['png'], variants: [makeRecord('')] });
    expect(isLookedForInTrial(known('a/a'), one, verdict)).toBe(true);
    expect(isLookedForInTrial(known('a/a', matrix), one, verdict)).toBe(false);
    expect(isLookedForInTrial(known('a/a', matrix), several, verdict)).toBe(true);
    expect(isLookedForInTrial(known('a/a'), one, { ...verdict, isBuilt: false })).toBe(false);
    expect(isLookedForInTrial(known('a/a'), makeRecord('', { outcome: 'failed' }), verdict)).toBe(false);
    expect(isLookedForInTrial(known('x/x', { code: 'unknown-package' }), one, verdict)).toBe(false);
  });
});

/** Runs `check` on one ebuild of the folder. */
async function check(flags: BaselineFlags, findings: readonly Finding[], complete = true) {
  const ebuild = join(folder, FOO);
  mkdirSync(join(ebuild, '..'), { recursive: true });
  writeFileSync(ebuild, 'EAPI=8\n');
  const baseline = openBaseline(flags);
  const printed: string[] = [];
  const complaints: string[] = [];
  const status = await runCheckCommand(
    { paths: [ebuild], fix: false, format: 'text' },
    {
      check: (path) => {
        const found = { findings, silenced: [] };
        return baseline?.hide(path, found) ?? found;
      },
      baseline,
      ready: async () => {},
      incomplete: () => (complete ? undefined : 'A master is missing.'),
      listEbuilds: async (path) => [path],
      readFile: async (path) => readFileSync(path, 'utf8'),
      writeFile: async () => {},
      print: (text) => void printed.push(text),
      complain: (sentence) => void complaints.push(sentence),
      colors,
    },
  );
  return { status, printed, complaints };
}

describe('check', () => {
  const old = find('a/a', { code: 'unknown-package' });
  const scanned = find('b/b', { code: 'pkgcheck:RedundantVersion' });

  test('writes a baseline, hides what it has, and fails for the rest', async () => {
    const written = await check({ writeBaseline: file }, [old, scanned]);
    expect(written).toEqual({
      status: 0,
      printed: ['1 ebuild checked, no findings, 2 silenced.'],
      complaints: [`2 known findings are hidden; ${file} now lists 2.`],
    });
    const later = await check({ baseline: file }, [old, find('c/c', { code: 'unknown-package' })]);
    expect(later.status).toBe(1);
    // Without a scan of pkgcheck, its result is not gone.
    expect(later.complaints).toEqual([`1 known finding is hidden by ${file}.`]);
    expect(later.printed.join()).not.toContain('a/a');
    expect((await check({ baseline: file }, [])).complaints).toEqual([
      `0 known findings are hidden by ${file}.`,
      `unknown-package in ${FOO} (a/a) is gone: remove it from ${file}, or use --write-baseline.`,
    ]);
    // Without all repositories nothing is called unknown, but duplicate atoms are still found.
    expect((await check({ baseline: file }, [], false)).complaints).toEqual([
      'A master is missing.',
      `0 known findings are hidden by ${file}.`,
    ]);
  });

  test('names what is gone of what needs no repositories', async () => {
    await check({ writeBaseline: file }, [find('a/a', { code: 'duplicate-atom' }), scanned]);
    expect((await check({ baseline: file }, [], false)).complaints.slice(1)).toEqual([
      `0 known findings are hidden by ${file}.`,
      `duplicate-atom in ${FOO} (a/a) is gone: remove it from ${file}, or use --write-baseline.`,
    ]);
  });
});

describe('trial', () => {
  const text = 'DEPEND="a/a"\n';
  const run = async (flags: BaselineFlags, failed = false) => {
    const baseline = openBaseline(flags);
    const judge = judgeFor(['a/a', 'b/b']);
    const { world, printed, complaints, files } = openBench({
      text,
      judge(record, now, path) {
        const verdict = judge(record, now);
        return baseline?.hide(path, verdict) ?? verdict;
      },
      records: failed ? [{ outcome: 'failed', failure: { phase: 'compile', firstError: 'no png.h' } }] : [],
    });
    const status = await runTrialCommand(command({ fix: true }), { ...world, baseline });
    return { status, printed, complaints, text: files.get(PATH) };
  };

  test('neither reports nor fixes what is known, nor fails because of it', async () => {
    const written = await run({ writeBaseline: file });
    expect(written.complaints).toEqual([`1 known finding is hidden; ${file} now lists 1.`]);
    const later = await run({ baseline: file });
    expect(later).toEqual({
      status: 0,
      printed: [
        'foo-1.ebuild: clean: The build used only declared packages. 1 finding is silenced.',
        'Build log: /logs/media-gfx-foo-1.log',
      ],
      complaints: [`1 known finding is hidden by ${file}.`],
      text,
    });
  });

  test('says that a failure is known', async () => {
    await run({ writeBaseline: file });
    const { status, printed } = await run({ baseline: file }, true);
    expect(status).toBe(0);
    expect(printed[0]).toBe(
      'foo-1.ebuild: failed: 1 silenced finding explains the failure: the compile phase failed: no png.h',
    );
  });
});

describe('a file that is no baseline', () => {
  const open = (flags: BaselineFlags) => {
    try {
      openBaseline(flags);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return error instanceof Error ? error.message : '';
    }
    return '';
  };

  test('is an error that says what to do, also where it would be overwritten', () => {
    const advice = `restore it, or remove it and write it again with --write-baseline ${file}.`;
    expect(open({ baseline: file })).toBe(
      `The baseline ${file} does not exist: name another file, or write it with --write-baseline ${file}.`,
    );
    expect(open({ writeBaseline: file })).toBe('');
    for (const flags of [{ baseline: file }, { writeBaseline: file }]) {
      writeFileSync(file, '<<<<<<< HEAD\n');
      expect(open(flags)).toBe(`The baseline ${file} is not JSON: ${advice}`);
      writeFileSync(file, '{"format":1,"ebuilds":[]}');
      expect(open(flags)).toBe(`The file ${file} is not a baseline (see findings): ${advice}`);
      writeFileSync(file, JSON.stringify({ format: 1, findings: [{ ...known('a/a'), count: 0 }] }));
      expect(open(flags)).toBe(`The file ${file} is not a baseline (see findings.0.count): ${advice}`);
      writeFileSync(file, '{"format":2}');
      expect(open(flags)).toBe(`The baseline ${file} has format 2 and not 1: update Ebuild Audit.`);
    }
    expect(open({ baseline: folder })).toBe(
      `The baseline ${folder} cannot be read (EISDIR): make it a readable file.`,
    );
    expect(open({ writeBaseline: join(folder, 'none/b.json') })).toBe(
      `${join(folder, 'none/b.json')} cannot be written (ENOENT): name a file in a folder that you may write to.`,
    );
  });

  test('keeps names in it as they are, and every character of it can be seen', async () => {
    await check({ writeBaseline: file }, [find('a/a', { message: '\u202e "x"\n', about: [] })]);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('\\u202e');
    expect((await check({ baseline: file }, [find('', { message: '\u202e "x"\n', about: [] })])).status).toBe(
      0,
    );
  });
});
