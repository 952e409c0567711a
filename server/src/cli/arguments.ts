/** The commands of the command line, their options and what they are called with. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { PRODUCT_VERSION } from '../host/product-version.ts';
import { LIMIT_NAMES, parseLimit } from '../sandbox/limits.ts';
import type { SandboxLimits } from '../sandbox/sandbox.ts';
import { COULD_NOT_RUN } from './exit-status.ts';

export interface MetadataFlags {
  readonly format: 'text' | 'json';
  readonly root: string;
  readonly packageManager: 'auto' | 'portage' | 'pkgcore';
  readonly bwrap: string;
}

export interface TrialFlags extends MetadataFlags {
  readonly fix?: true;
  readonly verify?: true;
  readonly fresh?: true;
  readonly why?: true;
  readonly probes?: true;
  readonly quick?: true;
  readonly useMatrix?: 'single' | 'pairwise';
  readonly jobs: number;
  readonly buildJobs: number;
  readonly limit: Partial<SandboxLimits>;
}

export interface RuntimeFlags extends MetadataFlags {
  readonly show: readonly string[];
  readonly buildJobs: number;
  readonly limit: Partial<SandboxLimits>;
}

export interface PruneFlags {
  readonly all?: true;
  readonly records?: true;
  readonly snapshots?: true;
  readonly logs?: true;
}

export interface CheckFlags {
  readonly fix?: true;
  readonly pkgcheck?: true;
  readonly format: 'text' | 'json';
  readonly root: string;
}

/** What each command does; each gives its exit code. */
export interface Commands {
  trial(files: readonly string[], flags: TrialFlags): Promise<number>;
  check(paths: readonly string[], flags: CheckFlags): Promise<number>;
  metadata(file: string, flags: MetadataFlags): Promise<number>;
  runtime(file: string, command: readonly string[], flags: RuntimeFlags): Promise<number>;
  explain(code: string | undefined): Promise<number>;
  prune(flags: PruneFlags): number;
}

/** Reads arguments, runs the command that they name and sets the exit code; wrong ones end the process with a word on what is wrong. */
export function createProgram(commands: Commands): Command {
  const program = new Command('ebuild-audit')
    .description(
      'Tells which dependencies an ebuild really has, by building it where only the declared ones are visible.',
    )
    .version(PRODUCT_VERSION)
    .showHelpAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : COULD_NOT_RUN));

  program
    .command('trial')
    .description('build ebuilds in the sandbox and report what they use and do not declare')
    .argument('<file...>', 'ebuilds, each REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .option('--fix', 'write the edits that the findings propose to the file')
    .option('--verify', 'run a second trial with all edits made, written or not')
    .option('--fresh', 'build even where the record of an earlier trial with the same inputs answers')
    .option(
      '--why',
      'tell for each finding whose file it was, by which rule it counts and what was built to prove it',
    )
    .option('--probes', 'list also what the build looked for and did without')
    .option('--quick', 'find only what the build needs, and make no builds to compare with')
    .addOption(
      new Option(
        '--use-matrix [states]',
        'also try all USE flags of the ebuild off and each alone on, or with "=pairwise" each two on as well',
      )
        .choices(['single', 'pairwise'])
        .preset('single'),
    )
    .addOption(formatOption())
    .addOption(rootOption('the Gentoo system to build in'))
    .addOption(packageManagerOption('who runs the phases'))
    .option('--jobs <number>', 'how many trials run at once', readCount(1), 1)
    .option(
      '--build-jobs <number>',
      'how many processes one build may run at once; 0: one per processor, shared among the trials',
      readCount(0),
      0,
    )
    .addOption(
      limitOption(`what a trial may use at the most, may be given several times: ${LIMIT_NAMES.join(', ')}`),
    )
    .addOption(bwrapOption())
    .addHelpText(
      'after',
      '\nExit status: 0 no error or warning, 1 some, 2 no verdict (could not run, or the build failed for another reason).',
    )
    .action(async (files: string[], flags: TrialFlags) => {
      process.exitCode = await commands.trial(files, flags);
    });

  program
    .command('check')
    .description('report what is wrong with the dependencies of ebuilds without building them')
    .argument('<path...>', 'ebuilds, and folders below which every ebuild is checked')
    .option('--fix', 'write the edits that are no guess to the files')
    .option('--pkgcheck', 'let pkgcheck scan each ebuild in the sandbox, and report its results too')
    .addOption(formatOption())
    .addOption(rootOption('the Gentoo system whose repositories and packages count'))
    .addHelpText(
      'after',
      '\nExit status: 0 no error or warning, 1 some, 2 something could not be read or written.',
    )
    .action(async (paths: string[], flags: CheckFlags) => {
      process.exitCode = await commands.check(paths, flags);
    });

  program
    .command('metadata')
    .description(
      'show what an ebuild depends on after its eclasses, under which flags, and where each atom comes from',
    )
    .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .addOption(formatOption())
    .addOption(rootOption('the Gentoo system whose settings count'))
    .addOption(packageManagerOption('whom to ask where the text does not say everything'))
    .addOption(bwrapOption())
    .addHelpText('after', '\nExit status: 0, or 2 where the ebuild cannot be evaluated.')
    .action(async (file: string, flags: MetadataFlags) => {
      process.exitCode = await commands.metadata(file, flags);
    });

  program
    .command('explain')
    .description('tell what a finding means, how it is found and what to do; without a code, list them all')
    .argument('[code]', 'the code of a finding, such as missing-depend')
    .addHelpText('after', '\nExit status: 0, or 2 where no finding has that code.')
    .action(async (code: string | undefined) => {
      process.exitCode = await commands.explain(code);
    });

  program
    .command('runtime')
    .description('run a command with what an ebuild installs, where only @system and its RDEPEND are visible')
    .usage('[options] <file> -- <command...>')
    .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .argument('<command...>', 'a program that it installs, or one of the view, and its arguments')
    .addOption(
      new Option(
        '--show <folder>',
        'a folder of this machine that the command may read, may be given several times',
      )
        .argParser((folder: string, before: readonly string[]) => [...before, folder])
        .default([], 'none'),
    )
    .addOption(formatOption())
    .addOption(rootOption('the Gentoo system to run in'))
    .addOption(packageManagerOption('who builds it'))
    .option(
      '--build-jobs <number>',
      'how many processes the build may run at once; 0: one per processor',
      readCount(0),
      0,
    )
    .addOption(limitOption('as for trial'))
    .addOption(bwrapOption())
    .addHelpText(
      'after',
      '\nExit status: 0 no error or warning, 1 some, 2 no verdict (could not run, or the command fails for another reason).',
    )
    .action(async (file: string, command: string[], flags: RuntimeFlags) => {
      process.exitCode = await commands.runtime(file, command, flags);
    });

  program
    .command('prune')
    .description('remove what is kept of trials and was of use longest ago, down to the limits')
    .option('--all', 'remove all of it')
    .option('--records', 'only the stored records')
    .option('--snapshots', 'only the snapshots of builds')
    .option('--logs', 'only the build logs')
    .addHelpText('after', '\nExit status: 0, or 2 where there is no state folder.')
    .action((flags: PruneFlags) => {
      process.exitCode = commands.prune(flags);
    });
  return program;
}

function formatOption(): Option {
  return new Option('--format <form>', 'how to report').choices(['text', 'json']).default('text');
}

function rootOption(description: string): Option {
  return new Option('--root <folder>', description).default('', 'this one, or the practice root');
}

function packageManagerOption(description: string): Option {
  return new Option('--package-manager <name>', description)
    .choices(['auto', 'portage', 'pkgcore'])
    .default('auto');
}

function limitOption(description: string): Option {
  return new Option('--limit <name=value>', description)
    .argParser(readLimit)
    .default({}, 'see docs/limits.md');
}

function bwrapOption(): Option {
  return new Option('--bwrap <program>', 'the bubblewrap program').default('', 'bwrap on PATH');
}

/**
 * The words of a command line as commander reads them rightly: it would take what follows a bare `--use-matrix` for its value, and
 * that is a file. What stands behind `--` is no option and stays as it is.
 */
export function spellOut(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return words.map((word, at) =>
    word === '--use-matrix' && (end < 0 || at < end) ? '--use-matrix=single' : word,
  );
}

function readCount(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least)
      throw new InvalidArgumentError(`give a whole number, ${least} or more.`);
    return Number(text);
  };
}

function readLimit(text: string, before: Partial<SandboxLimits>): Partial<SandboxLimits> {
  const parsed = parseLimit(text);
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem);
  return { ...before, [parsed.limit]: parsed.value };
}
