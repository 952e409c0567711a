/** Builds the world of the command line: arguments, terminal, signals. What the commands do is in the files beside it. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Command, InvalidArgumentError, Option } from 'commander';
import picocolors from 'picocolors';
import { judge } from '../audit/judge.ts';
import { createEvaluator } from '../check/kept-evaluation.ts';
import { openChecker } from '../check/open-checker.ts';
import { openPkgcheck } from '../check/pkgcheck-scan.ts';
import { readTracedMetadata } from '../check/traced-metadata.ts';
import { type BashParser, createBashParser } from '../ebuild/bash-parser.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { SandboxError } from '../sandbox/sandbox.ts';
import { stripEscapes } from '../trial/build-log.ts';
import { findTrialWorld } from '../trial/find-world.ts';
import { createTrialRunner } from '../trial/runner.ts';
import { TrialError } from '../trial/trial.ts';
import { runCheckCommand } from './check-command.ts';
import { listEbuilds, readEbuild, replaceEbuild } from './ebuild-file.ts';
import { describeMetadata, formatMetadata } from './metadata-command.ts';
import { printable } from './printable.ts';
import { formatJson } from './report-json.ts';
import { COULD_NOT_RUN, runTrialCommand } from './trial-command.ts';

interface TrialFlags {
  readonly fix?: true;
  readonly verify?: true;
  readonly format: 'text' | 'json';
  readonly root: string;
  readonly packageManager: 'auto' | 'portage' | 'pkgcore';
  readonly jobs: number;
  readonly bwrap: string;
}

// The parser as the engine first compiles it does for a command. Making it faster takes another thread most of a second, and Node
// would wait for that thread before it exits.
setFlagsFromString('--liftoff-only');

// What a trial writes must be readable by the unprivileged user that builds for root.
process.umask(0o022);

/** The bundle of this file is `dist/cli/ebuild-audit.mjs`. */
const dist = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const interrupted = new AbortController();
/** From now on a signal no longer kills the process, which has things to put away first. */
function catchSignals(sentence: string): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort(new Error(sentence)));
  }
}

const program = new Command('ebuild-audit')
  .description(
    'Tells which dependencies an ebuild really has, by building it where only the declared ones are visible.',
  )
  .version('0.1.0')
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : COULD_NOT_RUN));

program
  .command('trial')
  .description('build an ebuild in the sandbox and report what it uses and does not declare')
  .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
  .option('--fix', 'write the edits that the findings propose to the file')
  .option('--verify', 'run a second trial with all edits made, written or not')
  .addOption(new Option('--format <form>', 'how to report').choices(['text', 'json']).default('text'))
  .option('--root <folder>', 'the Gentoo system to build in (default: this one, or the practice root)', '')
  .addOption(
    new Option('--package-manager <name>', 'who runs the phases')
      .choices(['auto', 'portage', 'pkgcore'])
      .default('auto'),
  )
  .option(
    '--jobs <number>',
    'how many processes the build may run at once; 0: one per processor',
    readJobs,
    0,
  )
  .option('--bwrap <program>', 'the bubblewrap program (default: bwrap on PATH)', '')
  .addHelpText(
    'after',
    '\nExit status: 0 no finding, 1 findings, 2 no verdict (could not run, or the build failed for another reason).',
  )
  .action(async (file: string, flags: TrialFlags) => {
    process.exitCode = await trial(file, flags);
  });

interface CheckFlags {
  readonly fix?: true;
  readonly pkgcheck?: true;
  readonly format: 'text' | 'json';
  readonly root: string;
}

program
  .command('check')
  .description('report what is wrong with the dependencies of ebuilds without building them')
  .argument('<path...>', 'ebuilds, and folders below which every ebuild is checked')
  .option('--fix', 'write the edits that are no guess to the files')
  .option('--pkgcheck', 'let pkgcheck scan each ebuild in the sandbox, and report its results too')
  .addOption(new Option('--format <form>', 'how to report').choices(['text', 'json']).default('text'))
  .option(
    '--root <folder>',
    'the Gentoo system whose repositories and packages count (default: this one, or the practice root)',
    '',
  )
  .addHelpText('after', '\nExit status: 0 no finding, 1 findings, 2 something could not be read or written.')
  .action(async (paths: string[], flags: CheckFlags) => {
    process.exitCode = await check(paths, flags);
  });

program
  .command('metadata')
  .description(
    'show what an ebuild depends on after its eclasses, under which flags, and where each atom comes from',
  )
  .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
  .addOption(new Option('--format <form>', 'how to report').choices(['text', 'json']).default('text'))
  .option(
    '--root <folder>',
    'the Gentoo system whose settings count (default: this one, or the practice root)',
    '',
  )
  .addOption(
    new Option('--package-manager <name>', 'whom to ask where the text does not say everything')
      .choices(['auto', 'portage', 'pkgcore'])
      .default('auto'),
  )
  .option('--bwrap <program>', 'the bubblewrap program (default: bwrap on PATH)', '')
  .addHelpText('after', '\nExit status: 0, or 2 where the ebuild cannot be evaluated.')
  .action(async (file: string, flags: Omit<TrialFlags, 'jobs'>) => {
    process.exitCode = await metadata(file, flags);
  });

await program.parseAsync();

async function metadata(file: string, flags: Omit<TrialFlags, 'jobs'>): Promise<number> {
  catchSignals('The evaluation was cancelled; nothing of it is left.');
  try {
    const text = await readEbuild(file);
    const facts = parseEbuild(text, await readParser());
    const world = await findTrialWorld({ ...flags, jobs: 1 });
    const evaluate = createEvaluator(world);
    const traced = await readTracedMetadata(world.root, evaluate, resolve(file), facts, interrupted.signal);
    const report =
      flags.format === 'json'
        ? formatJson(describeMetadata(file, text, traced))
        : formatMetadata(text, traced);
    process.stdout.write(`${report}\n`);
    return 0;
  } catch (error) {
    const expected =
      error instanceof TrialError || error instanceof SandboxError || interrupted.signal.aborted;
    return explain(error, expected);
  }
}

async function check(paths: string[], flags: CheckFlags): Promise<number> {
  const complain = (sentence: string) => void process.stderr.write(`ebuild-audit: ${printable(sentence)}\n`);
  try {
    const withPkgcheck = flags.pkgcheck === true;
    if (withPkgcheck || flags.fix)
      catchSignals('The check was cancelled; the file that was being looked at is as it was.');
    const scan = withPkgcheck ? { scan: openPkgcheck({ root: flags.root, bwrap: '' }) } : {};
    const checker = openChecker(await readParser(), flags.root, { log: complain, ...scan });
    interrupted.signal.addEventListener('abort', () => void checker.close());
    try {
      return await runCheckCommand(
        { paths, fix: flags.fix === true, format: flags.format },
        {
          check: (file, text) => checker.check(resolve(file), text),
          ready: (file) => checker.ready(resolve(file)),
          ...(withPkgcheck ? { scan: (file, text) => checker.scan(resolve(file), text) } : {}),
          incomplete: (file) => checker.knowledgeFor(resolve(file))?.incomplete,
          listEbuilds,
          readFile: readEbuild,
          writeFile: replaceEbuild,
          print: (text) => process.stdout.write(`${text}\n`),
          complain,
          colors: picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true),
        },
        interrupted.signal,
      );
    } finally {
      await checker.close();
    }
  } catch (error) {
    return explain(error, error instanceof TrialError || interrupted.signal.aborted);
  }
}

function readParser(): Promise<BashParser> {
  const wasm = ['wasm/web-tree-sitter.wasm', 'wasm/tree-sitter-bash.wasm'] as const;
  return Promise.all([readFile(dist(wasm[0])), readFile(dist(wasm[1]))]).then((bytes) =>
    createBashParser(...bytes),
  );
}

/** Says on standard error why nothing could be done. */
function explain(error: unknown, expected: boolean): number {
  const message =
    error instanceof Error
      ? expected
        ? printable(error.message)
        : stripEscapes(error.stack ?? error.message)
      : String(error);
  process.stderr.write(`ebuild-audit: ${message}\n`);
  return COULD_NOT_RUN;
}

async function trial(file: string, flags: TrialFlags): Promise<number> {
  catchSignals('The trial was cancelled; nothing of it is left but the build log.');
  try {
    const parser = await readParser();
    const readFacts = (text: string) => parseEbuild(text, parser);
    return await runTrialCommand(
      {
        file,
        path: resolve(file),
        fix: flags.fix === true,
        verify: flags.verify === true,
        format: flags.format,
      },
      {
        runner: createTrialRunner(flags, readFacts),
        judge: (record, text) => judge(record, readFacts(text)),
        readFile: readEbuild,
        writeFile: replaceEbuild,
        print: (text) => process.stdout.write(`${text}\n`),
        progress: {
          isTTY: process.stderr.isTTY === true,
          columns: process.stderr.columns ?? 80,
          write: (text) => process.stderr.write(text),
        },
        colors: picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true),
      },
      interrupted.signal,
    );
  } catch (error) {
    const expected =
      error instanceof TrialError || error instanceof SandboxError || interrupted.signal.aborted;
    return explain(error, expected);
  }
}

function readJobs(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('give a whole number, 0 or more.');
  return Number(text);
}
