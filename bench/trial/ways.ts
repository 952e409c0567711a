import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { BuildView } from '../../server/src/trial/builder/build-view.ts';
import type { Engine } from './engine.ts';

/** The number of lines of a log that explain why a build has failed. */
const LINES_OF_FAILURE = 10;

/** A command with everything that it needs, ready to be run in one of the ways. */
export interface Job {
  /** The only folder that it writes to; it has the same name in every way. */
  readonly work: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Takes its output. */
  readonly log: string;
}

/** One way of running a command. */
export interface Way {
  readonly name: string;
  /** Resolves after all processes of the command have ended; rejects if it does not exit with 0. */
  run(job: Job, view: BuildView): Promise<void>;
}

/** Runs a program of this machine with only the environment of the job. */
async function runOnMachine(words: readonly string[], job: Job): Promise<void> {
  const log = openSync(job.log, 'w');
  try {
    const [program = '', ...rest] = words;
    const child = spawn(program, rest, {
      cwd: job.work,
      env: job.environment,
      stdio: ['ignore', log, log],
      // In its own process group, so that all of it can be ended when the benchmark is interrupted.
      detached: true,
    });
    const stop = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    process.prependOnceListener('exit', stop);
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    process.off('exit', stop);
    if (status !== 0) throw failure(words[0] ?? '', status, job);
  } finally {
    closeSync(log);
  }
}

/** Arguments for the same root with nothing hidden and nothing traced: the cost of bubblewrap alone. */
function bubblewrapArguments(engine: Engine, work: string): string[] {
  const { folders, links } = engine.root.layout;
  return [
    ...['--unshare-all', '--die-with-parent', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...folders.flatMap(({ source, target }) => (target === '/var' ? [] : ['--ro-bind', source, target])),
    ...links.flatMap(({ path, target }) => ['--symlink', target, path]),
    ...['--tmpfs', '/var/tmp', '--bind', work, work, '--chdir', work, '--'],
  ];
}

/** The compared ways, the bare build first; without strace if this machine has none. */
export function findWays(engine: Engine): readonly Way[] {
  const strace: Way = {
    name: 'strace',
    async run(job) {
      const trace = `${job.log}.strace`;
      const options = ['-f', '--seccomp-bpf', '-e', 'trace=%file', '-o', trace];
      await runOnMachine(['strace', ...options, ...job.command], job);
      rmSync(trace);
    },
  };
  return [
    { name: 'bare', run: (job) => runOnMachine(job.command, job) },
    {
      name: 'bubblewrap',
      run: (job) => runOnMachine(['bwrap', ...bubblewrapArguments(engine, job.work), ...job.command], job),
    },
    { name: 'ours', run: (job, view) => runInEngine(engine, job, view, true) },
    ...(spawnSync('strace', ['-V']).status === 0 ? [strace] : []),
  ];
}

/** The engine without its tracer: the cost of hiding. */
export function untraced(engine: Engine): Way {
  return { name: 'view alone', run: (job, view) => runInEngine(engine, job, view, false) };
}

async function runInEngine(engine: Engine, job: Job, view: BuildView, trace: boolean): Promise<void> {
  const spec = { ...engine.spec(view, job.work, job.command, job.environment), trace };
  const attribution = engine.attribution(view);
  const log = openSync(job.log, 'w');
  try {
    const { status } = await engine.world.sandbox.run(spec, {
      event: (event) => attribution.observe(event),
      output: (chunk) => void writeSync(log, chunk),
    });
    if (status !== 0) throw failure('the engine', status, job);
  } finally {
    closeSync(log);
    rmSync(spec.staging, { recursive: true, force: true });
  }
}

function failure(what: string, status: number | null, { log }: Job): Error {
  const lines = readFileSync(log, 'utf8').trim().split('\n').slice(-LINES_OF_FAILURE);
  return new Error(`The build by ${what} ended with ${status}: ${lines.join('\n')}`);
}
