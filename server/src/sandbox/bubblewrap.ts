import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { exhaustionOf } from '../files/exhaustion.ts';
import { isPlainText } from '../files/path-bytes.ts';
import { bwrapArguments, NOBODY } from './bubblewrap-arguments.ts';
import { LIMIT_NAMES, type LimitName } from './limits.ts';
import {
  type Sandbox,
  SandboxError,
  type SandboxListener,
  type SandboxResult,
  type SandboxSpec,
} from './sandbox.ts';
import { explainFailure } from './sandbox-failure.ts';
import { createTraceDecoder, type FailureFrame } from './trace-stream.ts';
import { encodePlan, type Identity, planView } from './view-plan.ts';

/** The amount of output that is kept for the message if bubblewrap fails. */
const KEPT_OUTPUT = 4096;
/** The helper is killed after this time; --die-with-parent then ends the sandbox. */
const PATIENCE_MS = 5000;

export interface BubblewrapOptions {
  /** The compiled helper; see `findHelper`. */
  readonly helper: string;
  /** The bubblewrap program, looked up in PATH if it has no slash. */
  readonly bwrap?: string;
  /** The user who builds the sandbox; by default derived from this process. */
  readonly identity?: Identity;
  /** Options of the tmpfs on the staging folder (tmpfs(5)), for tests that need a full one. */
  readonly stagingOptions?: string;
}

/**
 * Decides which user builds a sandbox.
 *
 * @param euid effective user id of this process
 * @param uidMap text of /proc/self/uid_map (user_namespaces(7)): root of a container without other users is treated as an ordinary user
 */
export function chooseIdentity(euid: number, uidMap: string): Identity {
  if (euid !== 0) return { kind: 'user' };
  const mapped = uidMap.split('\n').some((line) => {
    const [inside = Number.NaN, , count = Number.NaN] = line.trim().split(/\s+/).map(Number);
    return inside <= NOBODY && NOBODY < inside + count;
  });
  return mapped ? { kind: 'root', uid: NOBODY, gid: NOBODY } : { kind: 'user' };
}

function ownIdentity(): Identity {
  return chooseIdentity(process.geteuid?.() ?? 1, readFileSync('/proc/self/uid_map', 'utf8'));
}

/**
 * Checks a spec for mistakes that would fail on every kernel.
 *
 * @returns the first mistake as a part of a sentence, or undefined
 */
export function checkSpec(spec: SandboxSpec): string | undefined {
  const absolute = [
    spec.staging,
    spec.workingDirectory,
    ...spec.overlays.flatMap(({ source, over = [], target }) => [source, ...over, target]),
    ...spec.binds.flatMap(({ source, target }) => [source, target]),
    ...spec.links.map(({ path }) => path),
    ...spec.scratch,
    ...(spec.layered ?? []).flatMap(({ target, lower, upper, kernelWork }) => [
      target,
      ...lower,
      upper,
      kernelWork,
    ]),
  ];
  const relative = absolute.find((path) => !path.startsWith('/'));
  if (relative !== undefined) return `the path "${relative}" is not absolute`;
  if (spec.command.length === 0) return 'the command is empty';
  const words = [...absolute, ...spec.command, ...spec.links.map(({ target }) => target)];
  const strange = [...words, ...Object.values(spec.environment)].find((text) => !isPlainText(text));
  if (strange !== undefined) return `${JSON.stringify(strange)} is not valid UTF-8 without NUL`;
  const name = Object.keys(spec.environment).find((key) => !/^[^=\0]+$/.test(key));
  if (name !== undefined) return `"${name}" is no name of an environment variable`;
  const { limits } = spec;
  const limit = limits && LIMIT_NAMES.find((key) => !(limits[key] >= 0 && Number.isFinite(limits[key])));
  if (limit !== undefined) return `the limit "${limit}" is no number of 0 or more`;
  const isTorn = (path: string) => path.includes('\0');
  if (spec.overlays.some(({ hidden }) => hidden.some(isTorn))) return 'a hidden path holds a NUL byte';
  const ends = spec.overlays.flatMap(({ links = [] }) => links.flatMap(({ path, target }) => [path, target]));
  return ends.some(isTorn) ? 'a link holds a NUL byte' : undefined;
}

/** The folders on disk that the sandbox may write to, without those inside another. */
function writableFolders(spec: SandboxSpec): readonly string[] {
  const folders = [
    ...spec.binds.filter(({ writable }) => writable).map(({ source }) => source),
    ...(spec.layered ?? []).map(({ upper }) => upper),
  ];
  return [...new Set(folders)].filter(
    (folder) => !folders.some((above) => folder !== above && folder.startsWith(`${above}/`)),
  );
}

/** The helper's options for limits: `--limit NAME=NUMBER` in the units of {@link SandboxLimits}, and the folders that count. */
function limitArguments({ limits, ...spec }: SandboxSpec): readonly string[] {
  if (limits === undefined) return [];
  return [
    ...LIMIT_NAMES.flatMap((name) => ['--limit', `${name}=${Math.floor(limits[name])}`]),
    ...writableFolders(spec).flatMap((folder) => ['--writable', folder]),
  ];
}

/** The state of a run until its helper has ended. */
interface Outcome {
  status?: number;
  exceeded?: LimitName;
  failure?: FailureFrame;
  ready: boolean;
  seesDeaths: boolean;
  traceError?: string;
  listenerError?: unknown;
  output: string;
}

function readEvents(stream: Readable, listener: SandboxListener, outcome: Outcome, stop: () => void): void {
  const decoder = createTraceDecoder();
  const take = (decoded: ReturnType<typeof decoder.push>) => {
    if (outcome.listenerError !== undefined) return;
    try {
      for (const frame of decoded.frames) {
        if (frame.kind === 'failure') outcome.failure = frame;
        else if (frame.kind === 'ready') {
          outcome.ready = true;
          outcome.seesDeaths = frame.seesDeaths;
        } else if (frame.kind === 'exceeded') outcome.exceeded = frame.limit;
        else {
          if (frame.kind === 'end') outcome.status = frame.status;
          listener.event(frame);
        }
      }
    } catch (error) {
      outcome.listenerError = error ?? new Error('the listener threw nothing');
      stop();
    }
    if (decoded.error !== undefined && outcome.traceError === undefined) {
      outcome.traceError = decoded.error;
      stop();
    }
  };
  stream.on('data', (chunk: Buffer) => take(decoder.push(chunk)));
  stream.on('end', () => take(decoder.end()));
  stream.on('error', () => {});
  takeTurns(stream);
}

/**
 * Lets everything else have a turn after each chunk of a stream. While a stream always has more, libuv reads it up to 32 times before it
 * looks at anything else, such as the hover of an editor, and a chunk of events takes ten milliseconds.
 */
function takeTurns(stream: Readable): void {
  stream.on('data', () => {
    stream.pause();
    setImmediate(() => stream.resume());
  });
}

function readOutput(stream: Readable, listener: SandboxListener, outcome: Outcome, stop: () => void): void {
  stream.on('data', (chunk: Buffer) => {
    if (outcome.listenerError !== undefined) return;
    if (!outcome.ready && outcome.output.length < KEPT_OUTPUT) outcome.output += chunk.toString('utf8');
    try {
      listener.output(chunk);
    } catch (error) {
      outcome.listenerError = error ?? new Error('the listener threw nothing');
      stop();
    }
  });
  stream.on('error', () => {});
  takeTurns(stream);
}

function startHelper(
  options: BubblewrapOptions,
  spec: SandboxSpec,
  identity: Identity,
  input: Readable | undefined,
): ChildProcess {
  const plan = planView(spec, identity);
  const child = spawn(
    options.helper,
    [
      'run',
      ...['--staging', spec.staging, '--events', '3', '--control', '4', '--bwrap', options.bwrap ?? 'bwrap'],
      ...(options.stagingOptions === undefined ? [] : ['--staging-options', options.stagingOptions]),
      ...limitArguments(spec),
      ...(identity.kind === 'root' ? ['--drop-to', `${identity.uid}:${identity.gid}`] : []),
      ...(spec.trace ? ['--trace'] : []),
      '--',
      ...bwrapArguments(spec, plan, identity, options.helper),
    ],
    // bubblewrap is a process of the sandbox, and other processes there can read its environment.
    {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '' },
    },
  );
  // A process that could not be started has no streams; its error comes as an event.
  if (child.pid === undefined) return child;
  if (input !== undefined && child.stdin !== null) {
    // The command may end before it has read everything.
    child.stdin.on('error', () => {});
    input.pipe(child.stdin);
  }
  const control = child.stdio[4] as Writable;
  // The helper may have failed already; its events say why.
  control.on('error', () => {});
  // The stream stays open: its end tells the helper that this process has ended.
  for (const part of encodePlan(plan)) control.write(part);
  return child;
}

/** A sandbox made of bubblewrap and the helper `ebuild-audit-native` (server/native). */
export function createBubblewrapSandbox(options: BubblewrapOptions): Sandbox {
  return { run: (spec, listener, signal) => runSandbox(options, spec, listener, signal) };
}

async function runSandbox(
  options: BubblewrapOptions,
  spec: SandboxSpec,
  listener: SandboxListener,
  signal: AbortSignal | undefined,
): Promise<SandboxResult> {
  signal?.throwIfAborted();
  const wrong = checkSpec(spec);
  if (wrong !== undefined) throw new SandboxError('failed', `The sandbox cannot be described: ${wrong}.`);
  const identity = options.identity ?? ownIdentity();
  const child = startHelper(options, spec, identity, listener.input);
  const outcome: Outcome = { ready: false, seesDeaths: false, output: '' };

  let impatience: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    impatience ??= setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  };
  if (child.pid !== undefined) {
    readEvents(child.stdio[3] as Readable, listener, outcome, stop);
    readOutput(child.stdout as Readable, listener, outcome, stop);
  }
  signal?.addEventListener('abort', stop, { once: true });
  let code: number | null;
  try {
    code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', (cause) =>
        reject(
          exhaustionOf(cause) ??
            new SandboxError('failed', `The helper ${options.helper} cannot be started: rebuild it.`, {
              cause,
            }),
        ),
      );
      child.on('close', resolve);
      // The helper ends after all its processes. The open control stream would delay 'close'.
      child.on('exit', () => (child.stdio?.[4] as Writable | undefined)?.destroy());
    });
  } finally {
    clearTimeout(impatience);
    signal?.removeEventListener('abort', stop);
  }

  signal?.throwIfAborted();
  if (outcome.listenerError !== undefined) throw outcome.listenerError;
  if (outcome.failure) {
    throw explainFailure(outcome.failure, identity, spec.command[0] ?? '', outcome.output);
  }
  if (outcome.status === undefined || outcome.traceError !== undefined) {
    const what =
      outcome.traceError ?? `the helper ended with ${code ?? child.signalCode} before the sandbox did`;
    const reason = child.signalCode === null ? 'failed' : 'disturbed';
    throw new SandboxError(reason, `The run of the sandbox is lost (${what}): run it again.`);
  }
  const { status, exceeded, seesDeaths } = outcome;
  return { status, seesDeaths, ...(exceeded !== undefined && { exceeded }) };
}
