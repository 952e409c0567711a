/**
 * Builds the world of the command line: arguments, terminal, signals. The commands themselves are in the files beside
 * it.
 */
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { judgeSilenced } from '../audit/silencing/judge-silenced.ts';
import { openChecker } from '../check/open-checker.ts';
import { openPkgcheck } from '../check/pkgcheck-scan.ts';
import { createRepositoryRules } from '../check/repository-rules.ts';
import { readTracedMetadata } from '../check/traced-metadata.ts';
import { examine } from '../doctor/doctor.ts';
import { openMachine } from '../doctor/machine.ts';
import { type BashParser, createBashParser } from '../ebuild/bash-parser.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { outlineEbuild } from '../ebuild/outline.ts';
import { UserError } from '../errors/user-error.ts';
import { showText } from '../errors/visible-text.ts';
import { createEvaluator } from '../evaluation/kept-evaluation.ts';
import { readText } from '../files/regular-file.ts';
import { describeFailure, stackOf } from '../host/failure-sentence.ts';
import { findTrialWorld, makeHome, unpackRoot } from '../host/find-world.ts';
import { runOrder } from '../remote/worker/run-order.ts';
import { readEbuild } from '../repository/ebuild-text.ts';
import { openGit } from '../review/git-program.ts';
import { createReproductionRunner } from '../trial/reproduction/reproduction-runner.ts';
import { createRuntimeRunner } from '../trial/runtime/runtime-runner.ts';
import { createShellRunner } from '../trial/shell/shell-runner.ts';
import { createViewRunner } from '../trial/view/view-runner.ts';
import {
  type CheckFlags,
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
import { openBaseline } from './baseline.ts';
import { choosePackageFolder, openPacking } from './binary-package.ts';
import { doubtOf, runCheckCommand } from './check-command.ts';
import { runDoctorCommand } from './doctor-command.ts';
import { listEbuilds, replaceEbuild } from './ebuild-file.ts';
import { formatEditorConfig } from './editor-config.ts';
import { CLEAN, COULD_NOT_RUN } from './exit-status.ts';
import { runExplainCommand } from './explain-command.ts';
import { catchSignals } from './interruption.ts';
import { runProgram } from './other-program.ts';
import { demandOutput } from './output-file.ts';
import { pruneKept, readParts } from './prune-command.ts';
import { openReport } from './report/report-forms.ts';
import { runReproduceCommand } from './reproduce-command.ts';
import { runReviewCommand } from './review-command.ts';
import { withRootImage } from './root-image.ts';
import { openRunner, settingsOf } from './runner.ts';
import { runRuntimeCommand } from './runtime-command.ts';
import { createRecordCommands } from './sharing-world.ts';
import type { ShellFlags } from './shell-arguments.ts';
import { runShellCommand } from './shell-command.ts';
import type { SweepFlags } from './sweep-arguments.ts';
import { sweepHere } from './sweep-world.ts';
import { complain, openShellTerminal, openTerminal, print } from './terminal.ts';
import { runTrialCommand } from './trial-command.ts';
import { createLateEvaluator, orderTrials } from './trial-order.ts';
import { runViewCommand } from './view-command.ts';
import { readSettings } from './world-options.ts';

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

function prune(flags: PruneFlags): number {
  try {
    const home = makeHome(process.geteuid?.() ?? 0);
    for (const line of pruneKept(home, readParts(flags), flags.all === true)) print(line);
    return CLEAN;
  } catch (error) {
    return explain(error);
  }
}

async function explainCode(code: string | undefined): Promise<number> {
  try {
    return await runExplainCommand(code, {
      folder: dist('findings'),
      ...openTerminal(),
    });
  } catch (error) {
    return explain(error);
  }
}

/** The page of a finding's code; undefined if there is none. */
function readPage(code: string): string | undefined {
  const folder = dist('findings');
  return readText(join(folder, `${code}.md`), [folder], complain);
}

async function metadata(file: string, flags: MetadataFlags): Promise<number> {
  cancelBySignal('The evaluation was cancelled.');
  try {
    const text = await readEbuild(file);
    const facts = parseEbuild(text, await readParser());
    const world = await findTrialWorld({ ...flags, buildJobs: 1 });
    const evaluate = createEvaluator(world);
    const traced = await readTracedMetadata(world.rootPath, evaluate, resolve(file), facts, interrupted);
    openReport(flags.format, openTerminal()).metadata({ file, text, traced });
    return CLEAN;
  } catch (error) {
    return explain(error);
  }
}

async function check(paths: readonly string[], flags: CheckFlags): Promise<number> {
  try {
    const withPkgcheck = flags.pkgcheck === true;
    if (withPkgcheck || flags.fix)
      cancelBySignal('The check was cancelled; the current file was not changed.');
    const baseline = openBaseline(flags);
    const scan = withPkgcheck ? { scan: openPkgcheck({ root: flags.root, bwrap: '' }) } : {};
    const parser = await readParser();
    const checker = openChecker(parser, flags.root, {
      log: complain,
      rulesOf: createRepositoryRules(complain),
      ...scan,
    });
    interrupted.addEventListener('abort', () => void checker.close());
    try {
      return await runCheckCommand(
        { paths, fix: flags.fix === true, format: flags.format },
        {
          check(file, text) {
            const found = checker.check(resolve(file), outlineEbuild(text, parser));
            return baseline?.hide(file, found) ?? found;
          },
          baseline,
          ready: (file) => checker.ready(resolve(file)),
          ...(withPkgcheck ? { scan: (file, text) => checker.scan(resolve(file), text) } : {}),
          incomplete: (file) => doubtOf(checker, resolve(file)),
          listEbuilds,
          readFile: readEbuild,
          writeFile: replaceEbuild,
          ...openTerminal(),
        },
        interrupted,
      );
    } finally {
      await checker.close();
    }
  } catch (error) {
    return explain(error);
  }
}

function readParser(): Promise<BashParser> {
  const wasm = ['wasm/web-tree-sitter.wasm', 'wasm/tree-sitter-bash.wasm'] as const;
  return Promise.all([readFile(dist(wasm[0])), readFile(dist(wasm[1]))]).then((bytes) =>
    createBashParser(...bytes),
  );
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

async function trial(files: readonly string[], flags: TrialFlags): Promise<number> {
  cancelBySignal('The trial was cancelled; only its build log was kept.');
  try {
    const parser = await readParser();
    const readFacts = (text: string) => parseEbuild(text, parser);
    const rulesOf = createRepositoryRules(complain);
    const baseline = openBaseline(flags);
    const atOnce = Math.min(flags.jobs, files.length);
    const folder = choosePackageFolder(flags);
    const settings = settingsOf(flags, atOnce, folder === undefined ? [] : [folder.path]);
    return await runTrialCommand(
      {
        files: files.map((file) => ({ file, path: resolve(file) })),
        jobs: atOnce,
        fix: flags.fix === true,
        verify: flags.verify === true,
        fresh: flags.fresh === true,
        why: flags.why === true,
        probes: flags.probes === true,
        quick: flags.quick === true,
        tests: flags.tests === true,
        states: flags.useMatrix ?? {},
        format: flags.format,
      },
      {
        runner: await openRunner(flags, settings, readFacts, complain, resolve(dist('.'))),
        pack: folder && (await openPacking(flags, folder, settings, { readFacts, complain })),
        // Records of others answer without an evaluation.
        ...(flags.trust === undefined && {
          order: (named) => orderTrials(named, readEbuild, createLateEvaluator(settings), interrupted),
        }),
        judge(record, text, path) {
          const verdict = judgeSilenced(record, readFacts(text), rulesOf(path));
          return baseline?.hide(path, verdict) ?? verdict;
        },
        baseline,
        readFile: readEbuild,
        writeFile: replaceEbuild,
        ...openTerminal(),
        now: Date.now,
      },
      interrupted,
    );
  } catch (error) {
    return explain(error);
  }
}

async function review(range: string | undefined, flags: ReviewFlags): Promise<number> {
  cancelBySignal(
    'The review was cancelled; only the build logs and the records of finished trials were kept.',
    'review',
  );
  try {
    const parser = await readParser();
    const readFacts = (text: string) => parseEbuild(text, parser);
    const rulesOf = createRepositoryRules(complain);
    const baseline = openBaseline(flags);
    const git = await openGit(process.cwd(), interrupted);
    const checker = openChecker(parser, flags.root, { log: complain, rulesOf });
    const doubts = new Set<string>();
    try {
      const status = await runReviewCommand(
        {
          range,
          all: flags.all === true,
          jobs: flags.jobs,
          fresh: flags.fresh === true,
          why: flags.why === true,
          quick: flags.quick === true,
          tests: flags.tests === true,
          states: flags.useMatrix ?? {},
          format: flags.format,
          reports: flags.report,
        },
        {
          git,
          home: makeHome(process.geteuid?.() ?? 0),
          runner: await openRunner(
            flags,
            settingsOf(flags, flags.jobs),
            readFacts,
            complain,
            resolve(dist('.')),
          ),
          judge: (record, text, path) => judgeSilenced(record, readFacts(text), rulesOf(path)),
          check: (file, text) => checker.check(file, outlineEbuild(text, parser)).findings,
          async ready(file) {
            await checker.ready(file);
            const doubt = doubtOf(checker, file);
            if (doubt !== undefined) doubts.add(doubt);
          },
          readFile: readEbuild,
          readFacts,
          rulesOf,
          knowledgeFor: (file) => checker.knowledgeFor(file),
          readPage,
          baseline,
          isComplete: () => doubts.size === 0,
          ...openTerminal(),
          now: () => performance.now(),
        },
        interrupted,
      );
      for (const doubt of doubts) complain(doubt);
      return status;
    } finally {
      await checker.close();
    }
  } catch (error) {
    return explain(error);
  }
}

async function sweep(paths: readonly string[], flags: SweepFlags): Promise<number> {
  cancelBySignal('The sweep was stopped; go on with the same command and --resume.', 'sweep');
  try {
    const { stdin: input } = process;
    const setting = { readParser, product: resolve(dist('.')), input, interrupted, complain, date: Date.now };
    return await sweepHere(paths, flags, setting);
  } catch (error) {
    return explain(error);
  }
}

/** Runs the trial of an order, as the worker of a server. */
async function work(order: string, answer: string): Promise<number> {
  try {
    const parser = await readParser();
    return await runOrder({ order, answer }, (text) => parseEbuild(text, parser));
  } catch (error) {
    return explain(error);
  }
}

/** Prints the configuration of an editor. */
function editorConfig(name: string): number {
  try {
    print(formatEditorConfig(name));
    return CLEAN;
  } catch (error) {
    return explain(error);
  }
}

const doctor = (file: string | undefined, flags: MetadataFlags): Promise<number> =>
  runDoctorCommand(file, flags, {
    examine: (settings, path) => examine(openMachine(settings, readParser, path)),
    print,
  });

async function runtime(file: string, command: readonly string[], flags: RuntimeFlags): Promise<number> {
  cancelBySignal('The run was cancelled; only its build log was kept.');
  try {
    const parser = await readParser();
    const readFacts = (text: string) => parseEbuild(text, parser);
    const rulesOf = createRepositoryRules(complain);
    const settings = readSettings(flags);
    return await runRuntimeCommand(
      {
        named: { file, path: resolve(file) },
        command,
        shown: flags.show.map((folder) => resolve(folder)),
        format: flags.format,
      },
      {
        run: createRuntimeRunner(settings, readFacts),
        judge: (record, text, path) => judgeSilenced(record, readFacts(text), rulesOf(path)),
        readFile: readEbuild,
        ...openTerminal(),
      },
      interrupted,
    );
  } catch (error) {
    return explain(error);
  }
}

async function reproduce(file: string, flags: ReproduceFlags): Promise<number> {
  cancelBySignal('The builds were cancelled; only their log was kept.');
  try {
    const parser = await readParser();
    const settings = readSettings(flags);
    return await runReproduceCommand(
      { named: { file, path: resolve(file) }, format: flags.format, quick: flags.quick === true },
      {
        run: createReproductionRunner(settings, (text) => parseEbuild(text, parser)),
        readFile: readEbuild,
        ...openTerminal(),
      },
      interrupted,
    );
  } catch (error) {
    return explain(error);
  }
}

async function shell(file: string, command: readonly string[], flags: ShellFlags): Promise<number> {
  cancelBySignal('The shell was ended; nothing of it was kept.');
  try {
    const parser = await readParser();
    const settings = readSettings(flags);
    return await runShellCommand(
      {
        named: { file, path: resolve(file) },
        use: flags.use,
        stopBefore: flags.phase,
        show: flags.show,
        command,
      },
      {
        run: createShellRunner(settings, (text) => parseEbuild(text, parser)),
        readFile: readEbuild,
        complain,
        ...openShellTerminal(),
        progress: openTerminal().progress,
      },
      interrupted,
    );
  } catch (error) {
    return explain(error);
  }
}

async function view(file: string, flags: ViewFlags): Promise<number> {
  cancelBySignal('The view was cancelled; nothing was written.');
  try {
    const parser = await readParser();
    const settings = readSettings({ ...flags, buildJobs: 1 });
    if (flags.export !== undefined) demandOutput(flags.export);
    return await runViewCommand(
      {
        named: { file, path: resolve(file) },
        use: flags.use,
        exportTo: flags.export === undefined ? undefined : resolve(flags.export),
        format: flags.format,
      },
      {
        see: createViewRunner(settings, (text) => parseEbuild(text, parser), complain),
        readFile: readEbuild,
        ...openTerminal(),
      },
      interrupted,
    );
  } catch (error) {
    return explain(error);
  }
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

// Last, because everything above must be defined.
try {
  const records = createRecordCommands({ readParser, print, complain, explain });
  const commands = {
    trial: inRoot(trial),
    review: inRoot(review),
    sweep: inRoot(sweep),
    check: inRoot(check),
    metadata: inRoot(metadata),
    explain: explainCode,
    prune,
    runtime: inRoot(runtime),
    reproduce: inRoot(reproduce),
    shell: inRoot(shell),
    view: inRoot(view),
    doctor,
    lsp: () => runProgram(dist('server/main.mjs'), ['--stdio']),
    setUp: (more: readonly string[]) =>
      runProgram(dist('set-up/main.mjs'), more.length > 0 ? ['--with', ...more] : []),
    editorConfig,
    work,
  };
  const { exportRecord, pushRecords, pullRecords } = records;
  const ofRecords = {
    exportRecord: inRoot(exportRecord),
    pushRecords: inRoot(pushRecords),
    pullRecords: inRoot(pullRecords),
  };
  await createProgram({ ...commands, ...records, ...ofRecords }).parseAsync(spellOut(process.argv));
} catch (error) {
  process.exitCode = explain(error);
}
