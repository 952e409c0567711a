/** The command with real folders and repositories of git, and a runner that builds nothing. */
import { getEventListeners } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { listEbuilds } from '../../server/src/cli/ebuild-file.ts';
import { runSweepCommand, type SweepCommandOptions } from '../../server/src/cli/sweep-command.ts';
import { createSweepLine } from '../../server/src/cli/sweep-line.ts';
import { findSweptPaths } from '../../server/src/cli/sweep-scope.ts';
import { createRepositories, describeFound } from '../../server/src/cli/sweep-world.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { findOwner, nameForOwner } from '../../server/src/host/process-owner.ts';
import { SandboxError } from '../../server/src/sandbox/sandbox.ts';
import { createNeedsReader } from '../../server/src/sweep/needs-reader.ts';
import { bash } from '../ebuild/bash.ts';
import { createRepository, missingGit, PROFILE, type TestRepository } from '../review/git-repository.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { makeRecord } from '../support/trial-record.ts';
import { judgeFor, NOW } from './fakes.ts';
import { validate } from './schemas.ts';

const can = requireOrSkip(missingGit);
const CLEAN = 'EAPI=8\nDEPEND="a/a"\n';
const FAULTY = 'EAPI=8\nDEPEND=""\n';
const pathOf = (name: string, version = '1') => `dev-test/${name}/${name}-${version}.ebuild`;

let repository: TestRepository;
let folder: string;
beforeEach(() => {
  if (missingGit !== undefined) return;
  repository = createRepository();
  repository.write({
    ...PROFILE,
    [pathOf('first')]: CLEAN,
    [pathOf('second')]: CLEAN,
    [pathOf('third')]: FAULTY,
    'dev-test/third/metadata.xml': '<maintainer><email>larry@example.org</email></maintainer>',
  });
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sweep-'));
});
afterEach(() => {
  repository?.remove();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

type Line = Readonly<Record<string, unknown>>;

interface Result {
  readonly status: number | undefined;
  /** The sentence of the error that ended the sweep. */
  readonly stopped: string | undefined;
  readonly tried: readonly string[];
  readonly printed: readonly string[];
  readonly progress: readonly string[];
  /** The journal without its first line; each line is what the schema says. */
  readonly lines: readonly Line[];
  readonly page: string;
  /** The number of trials that ran at one time. */
  readonly mostRunning: number;
}

interface Bench {
  /** The result of a trial, by the name of the package and the number of the attempt. */
  trial?(name: string, attempt: number): Partial<TrialRecord> | Error | undefined;
  check?(): void;
  readonly controller?: AbortController;
  readonly isTTY?: boolean;
}

async function sweep(change: Partial<SweepCommandOptions> = {}, bench: Bench = {}): Promise<Result> {
  const options: SweepCommandOptions = {
    ...{ jobs: 1, fresh: false, quick: false, tests: false, live: false, newest: false, resume: false },
    ...{ output: join(folder, 'sweep'), since: undefined },
    ...change,
  };
  const tried: string[] = [];
  const printed: string[] = [];
  const progress: string[] = [];
  let running = 0;
  let mostRunning = 0;
  let clock = 0;
  const now = () => {
    clock += 1000;
    return clock;
  };
  const output = {
    isTTY: bench.isTTY ?? false,
    columns: 80,
    write: (text: string) => void progress.push(text),
  };
  const judge = judgeFor(['a/a']);
  const outcome = await runSweepCommand(
    options,
    {
      ...createRepositories('/nowhere', (text) => parseEbuild(text, bash)),
      find: async () => (await listEbuilds(repository.top)).map((path) => ({ path, isNamed: false })),
      readNeeds: createNeedsReader((text) => parseEbuild(text, bash)),
      openDurations: async () => () => undefined,
      runner: {
        async run({ file, text }, _listener, signal) {
          const name = file.split('/').at(-2) ?? '';
          tried.push(name);
          mostRunning = Math.max(mostRunning, ++running);
          await new Promise((next) => setImmediate(next));
          running--;
          const given = bench.trial?.(name, tried.filter((known) => known === name).length);
          signal?.throwIfAborted();
          if (given instanceof Error) throw given;
          return makeRecord(text, { ...given, time: { took: 5000, phases: [] } });
        },
      },
      check: async () => bench.check?.(),
      readFile: async (path) => readFileSync(path, 'utf8'),
      describe: (ebuild, text, record) =>
        describeFound(ebuild.file, { text, record, verdict: judge(record, text) }),
      print: (text) => void printed.push(text),
      complain: (sentence) => void printed.push(sentence),
      line: createSweepLine(output, now),
      now,
      date: () => NOW,
    },
    bench.controller?.signal,
  ).then(
    (status) => ({ status, stopped: undefined }),
    (error: Error) => ({ status: undefined, stopped: error.message }),
  );
  return { ...outcome, tried, printed, progress, mostRunning, ...readFolder(options.output) };
}

function readFolder(output: string): Pick<Result, 'lines' | 'page'> {
  const [journal, page] = [join(output, 'sweep.jsonl'), join(output, 'index.html')];
  if (!existsSync(journal)) return { lines: [], page: '' };
  const [header, ...lines] = readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
  for (const line of [header, ...lines]) expect(validate('sweep', line)).toEqual([]);
  return { lines, page: readFileSync(page, 'utf8') };
}

/** The packages that have a line, with what became of them. */
const ends = ({ lines }: Result) =>
  lines.map(
    ({ ended, file, problem, findings }) =>
      ended ??
      `${String(file).split('/')[1]}: ${problem === undefined ? (findings as readonly unknown[]).length : problem}`,
  );
const ENDED = new Date(NOW).toISOString();

const lost = () => new SandboxError('disturbed', 'The build was killed from outside: try again.');

describe('a sweep', () => {
  can('tries every ebuild and reports each on a line, and all on a page', async () => {
    const result = await sweep();
    expect([result.status, result.stopped]).toEqual([1, undefined]);
    expect(ends(result)).toEqual(['first: 0', 'second: 0', 'third: 1', ENDED]);
    expect(result.lines[2]).toMatchObject({
      file: 'dev-test/third/third-1.ebuild',
      repository: 'tiny',
      package: 'dev-test/third-1',
      outcome: 'passed',
      judged: true,
      findings: [{ code: 'missing-depend', severity: 'error' }],
      duration: 5000,
      maintainers: ['larry@example.org'],
      eclasses: [],
    });
    expect(result.printed).toEqual([
      '3 ebuilds: 2 clean, 1 with errors or warnings, 0 not judged, 0 not tried.',
      `Report: ${join(folder, 'sweep/index.html')}`,
    ]);
    expect(result.page).toContain('All trials have ended.');
    expect(result.page).toContain('larry@example.org');
  });

  can('names eclasses, also those that eclasses inherit', async () => {
    repository.write({
      [pathOf('first')]: `inherit upper\n${CLEAN}`,
      'eclass/upper.eclass': 'inherit lower\n',
      'eclass/lower.eclass': '# none\n',
    });
    const { lines } = await sweep();
    expect(lines.find(({ package: name }) => name === 'dev-test/first-1')?.eclasses).toEqual([
      'lower',
      'upper',
    ]);
  });

  can('keeps as many trials in flight as it may', async () => {
    expect((await sweep({ jobs: 2 })).mostRunning).toBe(2);
    expect((await sweep({ jobs: 50, output: join(folder, 'other') })).mostRunning).toBe(3);
  });

  can('shows progress: a line that is overwritten on a terminal, elsewhere a line now and then', async () => {
    const { progress } = await sweep({}, { isTTY: true });
    expect(progress[0]).toBe('\r\u001b[2Ksweep: 0 of 3, 1 running, about 6 min 0 s left');
    expect(progress.at(-2)).toMatch(/3 of 3, 0 running, \d+ an hour$/);
    expect(progress.at(-1)).toBe('\r\u001b[2K');
    const plain = await sweep({ output: join(folder, 'other') });
    expect(plain.progress[0]).toBe('sweep: 0 of 3, 1 running, about 6 min 0 s left\n');
    expect(plain.progress.at(-1)).toMatch(/^sweep: 3 of 3, 0 running, \d+ an hour\n$/);
    expect(plain.progress.length).toBeLessThan(5);
  });

  can('needs an ebuild', async () => {
    repository.write({
      [pathOf('first')]: undefined,
      [pathOf('second')]: undefined,
      [pathOf('third')]: undefined,
    });
    expect((await sweep()).stopped).toMatch(/^There is no ebuild to try/);
    expect(existsSync(join(folder, 'sweep'))).toBe(false);
  });
});

describe('a trial that cannot be run', () => {
  can('is tried again after all others, if the reason may pass', async () => {
    const result = await sweep(
      {},
      { trial: (name, attempt) => (name === 'first' && attempt < 3 ? lost() : undefined) },
    );
    expect(result.tried).toEqual(['first', 'second', 'third', 'first', 'first']);
    expect([result.status, ends(result)]).toEqual([1, ['second: 0', 'third: 1', 'first: 0', ENDED]]);
  });

  can('is given up after four attempts', async () => {
    const result = await sweep({}, { trial: (name) => (name === 'first' ? lost() : undefined) });
    expect(result.tried.filter((name) => name === 'first')).toHaveLength(4);
    expect(result.lines.find(({ problem }) => problem !== undefined)).toMatchObject({
      package: 'dev-test/first-1',
      problem: 'The build was killed from outside: try again.',
      passing: true,
      attempts: 4,
    });
    expect(result.status).toBe(2);
  });

  can('is noted at once, if the ebuild is the reason', async () => {
    const result = await sweep(
      {},
      {
        trial: (name) =>
          name === 'second' ? new UserError('The distfile x is missing: fetch it.') : undefined,
      },
    );
    expect(result.tried).toHaveLength(3);
    expect([result.status, ends(result)]).toEqual([
      2,
      ['first: 0', 'second: The distfile x is missing: fetch it.', 'third: 1', ENDED],
    ]);
    expect(result.page).toContain('The distfile x is missing');
  });

  can('is noted too, if the reason is a defect of the program', async () => {
    const result = await sweep(
      {},
      { trial: (name) => (name === 'second' ? new TypeError('x is not y') : undefined) },
    );
    expect(ends(result).at(-2)).toMatch(/^second: Ebuild Audit has a defect \(TypeError: x is not y\)/);
  });

  can('stops the sweep, if no other can be run either; it goes on later', async () => {
    const broken = new SandboxError('no-bwrap', 'bubblewrap is missing: install it.');
    const stopped = await sweep({}, { trial: (name) => (name === 'second' ? broken : undefined) });
    expect([stopped.status, stopped.stopped]).toEqual([
      undefined,
      'bubblewrap is missing: install it; then go on with the same command and --resume.',
    ]);
    expect(ends(stopped)).toEqual(['first: 0']);
    expect(stopped.page).toContain('1 ebuild of 3 has ended so far.');
    expect(stopped.progress.at(-1)).toMatch(/^sweep: 1 of 3, 0 running, .*, stopping\n$/);
    const resumed = await sweep({ resume: true });
    expect([resumed.status, resumed.tried]).toEqual([1, ['second', 'third']]);
  });

  can('stops it, if the root is gone, and blames no ebuild', async () => {
    let isGone = false;
    const bench: Bench = {
      trial(name) {
        isGone = name === 'second';
        return isGone ? new UserError('The text of an error that seems to be about the ebuild.') : undefined;
      },
      check() {
        if (isGone) throw new UserError('The root is gone: mount it.');
      },
    };
    const stopped = await sweep({}, bench);
    expect([stopped.stopped, ends(stopped)]).toEqual([
      'The root is gone: mount it; then go on with the same command and --resume.',
      ['first: 0'],
    ]);
  });

  can('stops it, if nothing comes back any more, such as from a server that is down', async () => {
    repository.write({ [pathOf('fourth')]: CLEAN });
    const result = await sweep({}, { trial: (name) => (name === 'first' ? undefined : lost()) });
    expect(result.stopped).toMatch(
      /^3 ebuilds in a row could not be tried, the last because: The build was killed .*; mend that and go on with --resume\.$/,
    );
    expect([result.tried.length, ends(result)]).toEqual([4, ['first: 0']]);
  });
});

describe('--resume', () => {
  can('goes on after a kill in the middle of a line', async () => {
    await sweep();
    const journal = join(folder, 'sweep/sweep.jsonl');
    const whole = readFileSync(journal, 'utf8').split('\n');
    truncateSync(journal, `${whole.slice(0, 3).join('\n')}\n`.length + 20);
    const resumed = await sweep({ resume: true });
    expect([resumed.status, resumed.tried, ends(resumed)]).toEqual([
      1,
      ['third'],
      ['first: 0', 'second: 0', 'third: 1', ENDED],
    ]);
    expect(resumed.printed[0]).toBe(
      '3 ebuilds: 2 clean, 1 with errors or warnings, 0 not judged, 0 not tried.',
    );
  });

  can('goes on after Ctrl-C, which leaves whole lines', async () => {
    const controller = new AbortController();
    const stopped = await sweep(
      { jobs: 2 },
      {
        controller,
        trial(name) {
          if (name === 'third') controller.abort(new Error('The sweep was stopped.'));
          return undefined;
        },
      },
    );
    expect(stopped.stopped).toBe('The sweep was stopped.');
    expect(ends(stopped)).toEqual(['first: 0', 'second: 0']);
    // Each trial had a signal of its own.
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    const resumed = await sweep({ resume: true });
    expect([resumed.tried, ends(resumed)]).toEqual([['third'], ['first: 0', 'second: 0', 'third: 1', ENDED]]);
  });

  can('of a sweep that has ended tries again what could not be tried, and nothing else', async () => {
    await sweep({}, { trial: (name) => (name === 'second' ? new UserError('No distfile.') : undefined) });
    const resumed = await sweep({ resume: true });
    expect([resumed.status, resumed.tried]).toEqual([1, ['second']]);
    expect(resumed.printed[0]).toBe(
      '3 ebuilds: 2 clean, 1 with errors or warnings, 0 not judged, 0 not tried.',
    );
    const again = await sweep({ resume: true });
    expect([again.status, again.tried]).toEqual([1, []]);
  });

  can('keeps what could not be tried because of the ebuild, if the sweep has not ended', async () => {
    await sweep({}, { trial: (name) => (name === 'first' ? new UserError('No distfile.') : undefined) });
    const journal = join(folder, 'sweep/sweep.jsonl');
    writeFileSync(journal, `${readFileSync(journal, 'utf8').split('\n').slice(0, 2).join('\n')}\n`);
    const resumed = await sweep({ resume: true });
    expect([resumed.status, resumed.tried]).toEqual([2, ['second', 'third']]);
  });

  can('tries an ebuild that is new', async () => {
    await sweep();
    repository.write({ [pathOf('fourth')]: CLEAN });
    expect((await sweep({ resume: true })).tried).toEqual(['fourth']);
  });

  can('is needed, or --fresh, or another folder', async () => {
    await sweep();
    expect((await sweep()).stopped).toBe(
      `${join(folder, 'sweep')} has a sweep already: go on with --resume, begin a new one with --fresh, or name another folder with --output.`,
    );
    expect((await sweep({ fresh: true })).tried).toHaveLength(3);
    expect((await sweep({ resume: true, quick: true })).stopped).toMatch(/is of a sweep with other options/);
    expect((await sweep({ resume: true, output: join(folder, 'other') })).tried).toHaveLength(3);
  });

  can('leaves damaged lines out, and says how many there are', async () => {
    await sweep();
    const journal = join(folder, 'sweep/sweep.jsonl');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/^.*second-1.*$/m, 'nonsense'));
    const { printed, tried } = await sweep({ resume: true });
    expect(printed[0]).toBe(`1 of the lines of ${journal} are damaged and left out.`);
    expect(tried).toEqual(['second']);
  });

  can('is not for a folder into which another process sweeps, and leaves no trace of itself', async () => {
    const owners = join(folder, 'sweep/.running');
    await sweep();
    expect(existsSync(owners)).toBe(false);
    // A process that is alive, and one that is gone.
    const [own, gone] = [
      nameForOwner('sweep', findOwner()),
      nameForOwner('sweep', { ...findOwner(), pid: 2 ** 22 }),
    ];
    for (const name of [own, gone]) mkdirSync(join(owners, `${name}abcdef`), { recursive: true });
    expect((await sweep({ resume: true })).stopped).toMatch(/^Another process sweeps into /);
    expect(readdirSync(owners)).toEqual([`${own}abcdef`]);
    rmSync(join(owners, `${own}abcdef`), { recursive: true });
    expect((await sweep({ resume: true })).status).toBe(1);
  });

  can('writes over no page of somebody else', async () => {
    writeFileSync(join(folder, 'index.html'), 'mine');
    expect((await sweep({ output: folder })).stopped).toMatch(/index\.html is not the page of a sweep/);
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('mine');
  });
});

describe('--since', () => {
  can('says which findings are new, also of another version', async () => {
    await sweep();
    repository.write({ [pathOf('third', '2')]: FAULTY, [pathOf('second')]: FAULTY });
    for (const since of [join(folder, 'sweep'), join(folder, 'sweep/sweep.jsonl')]) {
      const output = join(folder, since.endsWith('l') ? 'third' : 'second');
      const { printed, page } = await sweep({ since, output });
      expect(printed[1]).toBe('New findings since the last sweep: 1.');
      expect(page).toMatch(
        /New since the last sweep<\/h2>\s*<table>[\s\S]*dev-test\/second\/second-1\.ebuild/,
      );
    }
    expect((await sweep({ output: join(folder, 'fourth') })).page).not.toContain('New since');
  });

  can('needs the journal of a sweep', async () => {
    expect((await sweep({ since: join(folder, 'nothing') })).stopped).toMatch(
      /is not the journal of a sweep/,
    );
  });
});

describe('the ebuilds that the arguments stand for', () => {
  const find = async (paths: readonly string[], input: readonly string[] = [], range?: string) => {
    const before = process.cwd();
    process.chdir(repository.top);
    try {
      const found = await findSweptPaths({ paths, range }, Readable.from(input));
      return found.map(
        ({ path, isNamed }) => `${path.slice(repository.top.length + 1)}${isNamed ? ' named' : ''}`,
      );
    } finally {
      process.chdir(before);
    }
  };

  can('are those below a folder, the files that are named, and those of a list', async () => {
    const all = [pathOf('first'), pathOf('second'), pathOf('third')];
    expect(await find([])).toEqual(all);
    expect(await find(['dev-test/second', pathOf('first')])).toEqual([all[1], `${all[0]} named`]);
    expect(await find(['-'], [`# a comment\n\n${all[2]}\n`, 'dev-test/fi', 'rst\n'])).toEqual([
      `${all[2]} named`,
      all[0],
    ]);
    // An empty list stands for nothing, and not for the current folder.
    expect(await find(['-'], ['\n'])).toEqual([]);
    await expect(find(['dev-test/none'])).rejects.toThrow(/does not exist: name an ebuild or a folder/);
  });

  can('are with a range those that it changes or concerns, below the paths', async () => {
    repository.commit({ 'eclass/x.eclass': '# one\n', [pathOf('inherits')]: `inherit x\n${CLEAN}` });
    repository.commit({ [pathOf('second')]: FAULTY, [pathOf('third')]: undefined });
    expect(await find([], [], 'HEAD~1..')).toEqual([pathOf('second')]);
    repository.write({ 'eclass/x.eclass': '# two\n' });
    expect(await find([], [], 'HEAD')).toEqual([pathOf('inherits')]);
    expect(await find([], [], 'HEAD~1')).toEqual([pathOf('inherits'), pathOf('second')]);
    expect(await find(['dev-test/second'], [], 'HEAD~1')).toEqual([pathOf('second')]);
    await expect(find(['none'], [], 'HEAD~1')).rejects.toThrow(/^none does not exist/);
    await expect(find([], [], 'nothing')).rejects.toThrow(/git knows no commit nothing/);
    repository.write({ 'x.patch': 'a patch\n' });
    await expect(find([], [], 'x.patch')).rejects.toThrow(/is a patch, and a sweep tries the working tree/);
  });
});
