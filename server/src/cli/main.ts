/**
 * Builds the world of the command line: arguments, terminal, signals. `*-world.ts` beside it build those of single commands, `*-command.ts` are
 * the commands themselves.
 */
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { examine } from '../doctor/doctor.ts';
import { openMachine } from '../doctor/machine.ts';
import { type BashParser, createBashParser } from '../ebuild/bash-parser.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { UserError } from '../errors/user-error.ts';
import { showText } from '../errors/visible-text.ts';
import { readText } from '../files/regular-file.ts';
import { describeFailure, stackOf } from '../host/failure-sentence.ts';
import { makeHome, unpackRoot } from '../host/find-world.ts';
import { runOrder } from '../remote/worker/run-order.ts';
import {
  type CheckFlags,
  type Commands,
  createProgram,
  type MetadataFlags,
  type PruneFlags,
  type ReproduceFlags,
  type ReviewFlags,
  type RuntimeFlags,
  spellOut,
  type TrialFlags,
  type ViewFlags,
} from './arguments.ts';
import { openShellHere, reproduceHere, showViewHere, useInstalledHere } from './build-world.ts';
import { checkHere, showMetadataHere } from './check-world.ts';
import type { CommandSetting } from './command-setting.ts';
import { runDoctorCommand } from './doctor-command.ts';
import { formatEditorConfig } from './editor-config.ts';
import { CLEAN, COULD_NOT_RUN } from './exit-status.ts';
import { runExplainCommand } from './explain-command.ts';
import { catchSignals } from './interruption.ts';
import { runProgram } from './other-program.ts';
import { pruneKept, readParts } from './prune-command.ts';
import { reviewHere } from './review-world.ts';
import { withRootImage } from './root-image.ts';
import { createRecordCommands } from './sharing-world.ts';
import type { ShellFlags } from './shell-arguments.ts';
import type { SweepFlags } from './sweep-arguments.ts';
import { sweepHere } from './sweep-world.ts';
import { complain, openTerminal, print } from './terminal.ts';
import { tryHere } from './trial-world.ts';

// For one command, the parser is fast enough as V8's baseline compiler makes it. The optimising compiler would take most
// of a second in another thread, and Node waits for that thread before it exits.
setFlagsFromString('--liftoff-only');

// The files of a trial must be readable by the unprivileged user that builds for root.
process.umask(0o022);

/** The bundle of this file is `dist/cli/ebuild-audit.mjs`. */
const dist = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * Aborted by an error that nothing has caught, and by a signal, once {@link cancelBySignal} was called. A command that has nothing to clean up
 * is ended by the signal itself.
 */
const interruption = new AbortController();
const interrupted = interruption.signal;
// Each running trial listens, and there may be many.
setMaxListeners(0, interrupted);
function cancelBySignal(sentence: string, next?: 'review' | 'sweep'): void {
  const signal = catchSignals(sentence, complain, process, next);
  signal.addEventListener('abort', () => interruption.abort(signal.reason));
}

/** Whether a failure has been reported; what follows from it is not reported as well. */
let hasFailed = false;
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, fail);
// Without a reader, nothing more can be said there.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
  fail(
    new UserError(
      `The report cannot be written to standard output (${code}): keep it open, on a disk with room.`,
    ),
  ),
);
process.stderr.on('error', fail);
process.on('exit', () => {
  if (hasFailed) process.exitCode = COULD_NOT_RUN;
});

/** In milliseconds. After a failure that no command has caught, a running trial is ended, and then the process. */
const LAST_WORK = 3000;

/** Ends the command after an error that nothing has caught. */
function fail(error: unknown): void {
  const isFirst = !hasFailed;
  explain(error);
  if (!isFirst) return;
  interruption.abort(error);
  setTimeout(() => process.exit(COULD_NOT_RUN), LAST_WORK).unref();
}

/** Reports on standard error, once, why the command could not do its work. */
function explain(error: unknown): number {
  if (hasFailed) return COULD_NOT_RUN;
  hasFailed = true;
  const isCancelled = interrupted.aborted && error instanceof Error;
  complain(isCancelled ? error.message : describeFailure(error));
  const stack = isCancelled ? undefined : stackOf(error);
  if (stack !== undefined) process.stderr.write(`${showText(stack)}\n`);
  return COULD_NOT_RUN;
}

function readParser(): Promise<BashParser> {
  const wasm = ['wasm/web-tree-sitter.wasm', 'wasm/tree-sitter-bash.wasm'] as const;
  return Promise.all([readFile(dist(wasm[0])), readFile(dist(wasm[1]))]).then((bytes) =>
    createBashParser(...bytes),
  );
}

/** The page of a finding's code; undefined if there is none. */
function readPage(code: string): string | undefined {
  const folder = dist('findings');
  return readText(join(folder, `${code}.md`), [folder], complain);
}

const product = resolve(dist('.'));
const setting: CommandSetting = { readParser, product, interrupted, complain, date: Date.now };

/**
 * Makes a command of its work.
 *
 * @param cancelled what a signal makes it say; undefined: a signal ends the process
 * @param next the command that goes on with what is done
 */
function command<Words extends readonly unknown[]>(
  cancelled: string | undefined,
  work: (...words: Words) => Promise<number> | number,
  next?: 'review' | 'sweep',
): (...words: Words) => Promise<number> {
  return async (...words) => {
    try {
      if (cancelled !== undefined) cancelBySignal(cancelled, next);
      return await work(...words);
    } catch (error) {
      return explain(error);
    }
  };
}

/** The roots that are images are unpacked before a command starts. A signal then ends the process at once. */
const images = {
  unpack: (flags: { readonly root: string; readonly bwrap?: string }) =>
    flags.root === '' ? Promise.resolve('') : unpackRoot(flags, makeHome(process.geteuid?.() ?? 0), complain),
  explain,
};
const inRoot = <Words extends readonly unknown[], Flags extends { readonly root: string }>(
  command: (...words: [...Words, Flags]) => Promise<number>,
) => withRootImage(images, command);

/** Its signals are caught only if it changes files or runs another program. */
function check(paths: readonly string[], flags: CheckFlags): Promise<number> {
  const cancelled = 'The check was cancelled; the current file was not changed.';
  const runsLong = flags.pkgcheck === true || flags.fix === true;
  return command(runsLong ? cancelled : undefined, checkHere)(paths, flags, setting);
}

// Last, because everything above must be defined.
try {
  const records = createRecordCommands({ readParser, print, complain, explain });
  const { exportRecord, pushRecords, pullRecords } = records;
  const commands: Commands = {
    trial: inRoot(
      command(
        'The trial was cancelled; only its build log was kept.',
        (files: readonly string[], flags: TrialFlags) => tryHere(files, flags, setting),
      ),
    ),
    review: inRoot(
      command(
        'The review was cancelled; only the build logs and the records of finished trials were kept.',
        (range: string | undefined, flags: ReviewFlags) => reviewHere(range, flags, { ...setting, readPage }),
        'review',
      ),
    ),
    sweep: inRoot(
      command(
        'The sweep was stopped; go on with the same command and --resume.',
        // Only here, because Node changes a pipe that it opens.
        (paths: readonly string[], flags: SweepFlags) =>
          sweepHere(paths, flags, { ...setting, input: process.stdin }),
        'sweep',
      ),
    ),
    check: inRoot(check),
    metadata: inRoot(
      command('The evaluation was cancelled.', (file: string, flags: MetadataFlags) =>
        showMetadataHere(file, flags, setting),
      ),
    ),
    explain: command(undefined, (code: string | undefined) =>
      runExplainCommand(code, { folder: dist('findings'), ...openTerminal() }),
    ),
    prune: command(undefined, (flags: PruneFlags) => {
      const home = makeHome(process.geteuid?.() ?? 0);
      for (const line of pruneKept(home, readParts(flags), flags.all === true)) print(line);
      return CLEAN;
    }),
    runtime: inRoot(
      command(
        'The run was cancelled; only its build log was kept.',
        (file: string, words: readonly string[], flags: RuntimeFlags) =>
          useInstalledHere(file, words, flags, setting),
      ),
    ),
    reproduce: inRoot(
      command('The builds were cancelled; only their log was kept.', (file: string, flags: ReproduceFlags) =>
        reproduceHere(file, flags, setting),
      ),
    ),
    shell: inRoot(
      command(
        'The shell was ended; nothing of it was kept.',
        (file: string, words: readonly string[], flags: ShellFlags) =>
          openShellHere(file, words, flags, setting),
      ),
    ),
    view: inRoot(
      command('The view was cancelled; nothing was written.', (file: string, flags: ViewFlags) =>
        showViewHere(file, flags, setting),
      ),
    ),
    doctor: (file, flags) =>
      runDoctorCommand(file, flags, {
        examine: (settings, path) => examine(openMachine(settings, readParser, path)),
        print,
      }),
    lsp: () => runProgram(dist('server/main.mjs'), ['--stdio']),
    setUp: (more) => runProgram(dist('set-up/main.mjs'), more.length > 0 ? ['--with', ...more] : []),
    editorConfig: command(undefined, (name: string) => {
      print(formatEditorConfig(name));
      return CLEAN;
    }),
    work: command(undefined, async (order: string, answer: string) => {
      const parser = await readParser();
      return runOrder({ order, answer }, (text) => parseEbuild(text, parser));
    }),
    ...records,
    exportRecord: inRoot(exportRecord),
    pushRecords: inRoot(pushRecords),
    pullRecords: inRoot(pullRecords),
  };
  await createProgram(commands).parseAsync(spellOut(process.argv));
} catch (error) {
  process.exitCode = explain(error);
}
