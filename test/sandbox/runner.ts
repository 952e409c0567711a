/**
 * Runs one sandbox and prints the result as JSON. It is a process, so that tests can run it as another user and kill it.
 *
 * Usage: node runner.mjs FILE, where FILE holds a RunnerRequest.
 */
import { readFileSync } from 'node:fs';
import { type BubblewrapOptions, createBubblewrapSandbox } from '../../server/src/sandbox/bubblewrap.ts';
import { SandboxError, type SandboxLimits, type SandboxSpec } from '../../server/src/sandbox/sandbox.ts';
import type { TraceEvent } from '../../server/src/trace/event.ts';

export interface RunnerRequest {
  readonly options: BubblewrapOptions;
  readonly spec: SandboxSpec;
  /** Aborts the run when this text appears in the output. */
  readonly abortAfter?: string;
  /** Reports on standard error when this text appears in the output. */
  readonly announce?: string;
}

export interface RunnerReport {
  readonly status?: number;
  readonly exceeded?: keyof SandboxLimits;
  /** The duration of the run in milliseconds. */
  readonly elapsed: number;
  readonly reason?: string;
  readonly message?: string;
  readonly aborted?: boolean;
  /** Milliseconds from the abort to the rejection. */
  readonly delay?: number;
  readonly events: readonly TraceEvent[];
  readonly output: string;
  /** Mounts and children of this process after the run. */
  readonly mounts: string;
  readonly children: string;
}

async function main(file: string): Promise<RunnerReport> {
  const { options, spec, abortAfter, announce } = JSON.parse(readFileSync(file, 'utf8')) as RunnerRequest;
  const events: TraceEvent[] = [];
  let output = '';
  const abort = new AbortController();
  let aborted = 0;
  const listener = {
    event: (event: TraceEvent) => void events.push(event),
    output: (chunk: Uint8Array) => {
      output += Buffer.from(chunk).toString('latin1');
      if (announce !== undefined && output.includes(announce)) process.stderr.write('reached\n');
      if (abortAfter !== undefined && aborted === 0 && output.includes(abortAfter)) {
        aborted = Date.now();
        abort.abort(new Error('stopped by the test'));
      }
    },
  };
  const began = Date.now();
  const rest = () => ({
    elapsed: Date.now() - began,
    events,
    output,
    mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
    children: readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim(),
  });
  try {
    const result = await createBubblewrapSandbox(options).run(spec, listener, abort.signal);
    return { ...result, ...rest() };
  } catch (error) {
    if (error instanceof SandboxError) return { reason: error.reason, message: error.message, ...rest() };
    if (error === abort.signal.reason) return { aborted: true, delay: Date.now() - aborted, ...rest() };
    throw error;
  }
}

process.stdout.write(JSON.stringify(await main(process.argv[2] ?? '')));
