/**
 * Failures that say nothing about an ebuild: something outside the build made it fail. They end a trial with a sentence of their own, so that
 * no package is blamed for them and nothing of the trial is stored.
 */
import { readFileSync } from 'node:fs';
import { SandboxError } from '../sandbox/sandbox.ts';
import { nameSignal } from '../sandbox/sandbox-failure.ts';
import { readLines } from './output-text.ts';

/** A process that somebody outside the sandbox has killed. */
export interface Kill {
  /** The name of its program or function; empty if it is not known. */
  readonly program: string;
  /** Where it was killed, e.g. `src_compile`; undefined if no phase had begun. */
  readonly where: string | undefined;
  readonly signal: number;
  /** Whether the kernel has killed processes for lack of memory during the run. */
  readonly lacksMemory: boolean;
}

/** Makes the error for a killed process. */
export function killedError({ program, where, signal, lacksMemory }: Kill): SandboxError {
  const name = program === '' ? '' : ` (${program})`;
  const place = where === undefined ? '' : ` in ${where}`;
  return new SandboxError(
    'disturbed',
    lacksMemory
      ? `The machine ran out of memory, and a process of the build${name} was killed by ${nameSignal(signal)}${place}: free some memory or build with fewer jobs, and run the trial again.`
      : `A process of the build${name} was killed by ${nameSignal(signal)}${place}, and not by the build itself, so nothing is concluded from this build: run the trial again.`,
  );
}

/** The lowest exit status with which a shell and the helper report a signal. */
const SIGNAL_STATUS = 128;
const SIGNALS = 64;

/**
 * Throws if the first process of a run was killed: the package manager itself, which gives no such status on its own.
 *
 * @param program its name
 */
export function throwIfKilled(program: string, status: number, where: string | undefined): void {
  if (status <= SIGNAL_STATUS || status > SIGNAL_STATUS + SIGNALS) return;
  throw killedError({ program, where, signal: status - SIGNAL_STATUS, lacksMemory: false });
}

/** Lines in which compilers, shells and interpreters report that they got no memory, or no further process. */
const SHORTAGES: readonly RegExp[] = [
  /^virtual memory exhausted\b/i,
  /^\S+: (?:virtual )?memory exhausted\b/,
  /^\S+: out of memory allocating \d+ bytes\b/,
  /^LLVM ERROR: out of memory\b/i,
  /^(?:fatal error: )?runtime: (?:out of memory|cannot allocate memory)\b/,
  /^memory allocation of \d+ bytes failed\b/,
  /^MemoryError\b/,
  /\bjava\.lang\.OutOfMemoryError\b/,
  /\bJavaScript heap out of memory$/,
  /^what\(\): +std::bad_alloc$/,
  /: Cannot allocate memory$/,
  /\bfork: (?:retry: )?(?:Cannot allocate memory|Resource temporarily unavailable)\b/,
];

/** Lines in which a program reports that another one was killed. The kernel's own report is better, if there is one. */
const KILLS: readonly RegExp[] = [
  /^(?:Killed|Terminated)$/,
  /: line \d+: +\d+ (?:Killed|Terminated)\b/,
  /\*\*\* \[[^\]*]*\] (?:Killed|Terminated|Error 137|Error 143)$/,
  /\bKilled signal terminated program\b|\binternal compiler error: Killed\b/,
  // Portage itself
  /\bhas been killed by signal (?:9|15)\b/,
  /\bsignal: 9, SIGKILL\b|\bSignals\.SIGKILL\b/,
];

/** The part of a failed run that shows whether something outside the build made it fail. */
export interface FailedRun {
  readonly output: string;
  readonly phase: string;
  /** Whether a kill from outside would have been reported as an event. */
  readonly seesDeaths: boolean;
  /** How many processes the kernel has killed for lack of memory during the run; undefined if it does not tell. */
  readonly memoryKills: number | undefined;
}

/**
 * Throws if a run failed for lack of memory, or, on a kernel that does not tell of killed processes, if its output says that one was killed.
 * Tests provoke such errors themselves, so in src_test only a kill by the kernel counts.
 */
export function throwIfDisturbed({ output, phase, seesDeaths, memoryKills = 0 }: FailedRun): void {
  const lines = phase === 'test' ? [] : readLines(output);
  const find = (kinds: readonly RegExp[]) => lines.find((line) => kinds.some((kind) => kind.test(line)));
  const lacking = find(SHORTAGES);
  const killed = seesDeaths ? undefined : find(KILLS);
  if (lacking !== undefined || (memoryKills > 0 && !seesDeaths)) {
    const words = lacking ?? killed;
    throw new SandboxError(
      'disturbed',
      `The memory or the processes of the machine, or of the trial's limits, ran out in the ${phase} phase${words === undefined ? '' : ` (${words})`}: free some memory or build with fewer jobs, and run the trial again.`,
    );
  }
  if (killed !== undefined)
    throw new SandboxError(
      'disturbed',
      `A process of the build was killed in the ${phase} phase (${killed}), so nothing is concluded from this build: run the trial again.`,
    );
}

/**
 * Begins to count the processes that the kernel kills for lack of memory, in whichever part of the machine (proc(5), /proc/vmstat).
 *
 * @returns a function that gives their number so far; undefined if the kernel does not tell
 */
export function watchMemoryKills(): () => number | undefined {
  const before = countMemoryKills();
  return () => {
    const now = countMemoryKills();
    return now === undefined || before === undefined ? undefined : now - before;
  };
}

/** The number since the machine was started. */
function countMemoryKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
