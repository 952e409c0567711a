import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { findHelper } from '../../server/src/sandbox/helper.ts';
import type { SandboxSpec } from '../../server/src/sandbox/sandbox.ts';
import type { AccessEvent, ExecEvent, TraceEvent } from '../../server/src/trace/event.ts';
import { findInPath } from '../support/requirement.ts';
import { NOBODY } from '../support/user.ts';
import type { RunnerReport, RunnerRequest } from './runner.ts';

export const NATIVE = fileURLToPath(new URL('../../server/native', import.meta.url));

/** The missing requirement for running sandboxes, for `requireOrSkip`. */
export const missing: string | undefined = !findInPath('bwrap')
  ? 'bubblewrap is not installed (apt install bubblewrap)'
  : !findInPath('cc')
    ? 'there is no C compiler (apt install gcc libc6-dev)'
    : undefined;

export interface Bench {
  readonly folder: string;
  readonly helper: string;
  /** Compiles C source into /fixture/NAME of the sandboxes; `flags` such as `-static`. */
  compile(name: string, source: string, flags?: readonly string[]): void;
  /** Writes a file below /fixture. */
  write(name: string, text: string, mode?: number): void;
  spec(changes: Partial<SandboxSpec> & Pick<SandboxSpec, 'command'>): SandboxSpec;
  request(spec: SandboxSpec, more?: Partial<RunnerRequest>): RunnerRequest;
  /** `through`: a program that runs the runner, such as unshare(1), and its first arguments. */
  start(
    as: 'root' | 'user',
    request: RunnerRequest,
    environment?: NodeJS.ProcessEnv,
    through?: readonly string[],
  ): ChildProcess;
  run(
    as: 'root' | 'user',
    request: RunnerRequest,
    environment?: NodeJS.ProcessEnv,
    through?: readonly string[],
  ): Promise<RunnerReport>;
  /** Waits for the report of a started runner. */
  report(child: ChildProcess): Promise<RunnerReport>;
  remove(): void;
}

/** Makes a temporary folder with the helper, the runner and fixtures that both root and nobody can use. */
export async function openBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sandbox-'));
  chmodSync(folder, 0o755);
  const fixture = join(folder, 'fixture');
  mkdirSync(fixture, { mode: 0o755 });
  const helper = await findHelper({
    binaries: [],
    sources: [NATIVE],
    caches: [join(folder, 'cache')],
    compiler: 'cc',
  });
  for (const part of ['cache', 'cache/native']) chmodSync(join(folder, part), 0o755);
  const runner = join(folder, 'runner.mjs');
  buildSync({
    entryPoints: [fileURLToPath(new URL('runner.ts', import.meta.url))],
    outfile: runner,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  let count = 0;
  const started = new Set<ChildProcess>();
  // Merged-usr systems have links at the top, other systems have folders.
  const top = readdirSync('/', { withFileTypes: true }).filter(({ name }) =>
    /^(bin|sbin|lib\w*)$/.test(name),
  );

  const bench: Bench = {
    folder,
    helper,
    compile(name, source, flags = []) {
      const file = join(folder, `${name}.c`);
      writeFileSync(file, source);
      execFileSync('cc', [...flags, '-pthread', '-o', join(fixture, name), file]);
    },
    write(name, text, mode = 0o644) {
      writeFileSync(join(fixture, name), text, { mode });
    },
    spec(changes) {
      const staging = join(folder, `staging-${++count}`);
      mkdirSync(staging);
      return {
        overlays: [
          { source: '/usr', target: '/usr', hidden: [] },
          ...top
            .filter((entry) => entry.isDirectory())
            .map(({ name }) => ({ source: `/${name}`, target: `/${name}`, hidden: [] })),
        ],
        binds: [{ source: fixture, target: '/fixture', writable: false }],
        links: top
          .filter((entry) => entry.isSymbolicLink())
          .map(({ name }) => ({ target: `usr/${name}`, path: `/${name}` })),
        scratch: ['/work'],
        staging,
        environment: { PATH: '/usr/bin:/bin' },
        workingDirectory: '/work',
        trace: true,
        ...changes,
      };
    },
    request: (spec, more = {}) => ({ options: { helper }, spec, ...more }),
    start(as, request, environment = process.env, through = []) {
      const file = join(folder, `request-${++count}.json`);
      writeFileSync(file, JSON.stringify(request));
      if (as === 'user' && process.geteuid?.() === 0) chownSync(request.spec.staging, NOBODY, NOBODY);
      const drop = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
      const words = [
        ...(as === 'user' && process.geteuid?.() === 0 ? drop : []),
        ...[...through, process.execPath, runner, file],
      ];
      // The program is looked up in the PATH of this process and not in that of the runner.
      const child = spawn(
        'env',
        ['-i', ...Object.entries(environment).map(([k, v]) => `${k}=${v}`), ...absolute(words)],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      started.add(child);
      child.on('close', () => started.delete(child));
      return child;
    },
    run: (as, request, environment, through) => bench.report(bench.start(as, request, environment, through)),
    async report(child) {
      let stdout = '';
      let stderr = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      await new Promise((resolve) => child.on('close', resolve));
      if (stdout === '') throw new Error(`the runner said nothing: ${stderr}`);
      return JSON.parse(stdout) as RunnerReport;
    },
    remove() {
      // Only a failed test leaves a child behind. Its sandbox ends with it.
      for (const child of started) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

function absolute([program = '', ...rest]: readonly string[]): string[] {
  const found = (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
  return [program.startsWith('/') ? program : (found ?? program), ...rest];
}

export function accesses(report: RunnerReport): readonly AccessEvent[] {
  return report.events.filter((event): event is AccessEvent => event.kind === 'access');
}

export function execs(report: RunnerReport): readonly ExecEvent[] {
  return report.events.filter((event): event is ExecEvent => event.kind === 'exec');
}

/** `operation path` of every access whose path contains `part`. */
export function about(report: RunnerReport, part: string): string[] {
  return accesses(report)
    .filter(({ path }) => path.includes(part))
    .map(({ operation, path }) => `${operation} ${path}`);
}

export function gaps(report: RunnerReport): string[] {
  return report.events.flatMap((event: TraceEvent) => (event.kind === 'gap' ? [event.reason] : []));
}
