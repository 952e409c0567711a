/** The commands of the command line, their options and arguments. */
import { Command, Option } from 'commander';
import { PRODUCT_VERSION } from '../host/product-version.ts';
import type { BaselineFlags } from './baseline.ts';
import { addBuildOptions, type BuildFlags } from './build-options.ts';
import { addEditorCommands, type EditorCommands } from './editor-arguments.ts';
import { COULD_NOT_RUN } from './exit-status.ts';
import {
  baselineOption,
  bwrapOption,
  formatOption,
  packageManagerOption,
  readReport,
  readUse,
  rootOption,
  writeBaselineOption,
} from './options.ts';
import { addPackageOptions, checkPackageFlags, type PackageFlags } from './package-arguments.ts';
import { addRecord, type RecordCommands } from './record-arguments.ts';
import { addWork, type WorkCommand } from './remote-arguments.ts';
import type { ReportForm } from './report/report-forms.ts';
import { REVIEW_FORM_NAMES, type ReviewForm } from './report/review-forms.ts';
import type { ReportFile } from './review-command.ts';
import { addShell, type ShellCommand } from './shell-arguments.ts';
import { addSweep, type SweepCommand } from './sweep-arguments.ts';
import type { ViewForm } from './view-command.ts';
import { addWorldOptions, type WorldFlags } from './world-options.ts';

/** The options of `metadata` and `doctor`. */
export interface MetadataFlags {
  readonly format: ReportForm;
  readonly root: string;
  readonly packageManager: 'auto' | 'portage' | 'pkgcore';
  readonly bwrap: string;
}

/** The options that `trial` and `review` share. */
interface ReportedFlags extends BuildFlags, BaselineFlags {
  readonly why?: true;
}

export interface ReviewFlags extends ReportedFlags {
  readonly all?: true;
  readonly format: ReviewForm;
  readonly report: readonly ReportFile[];
}

export interface TrialFlags extends ReportedFlags, PackageFlags {
  readonly format: ReportForm;
  readonly fix?: true;
  readonly verify?: true;
  readonly probes?: true;
}

export interface ReproduceFlags extends WorldFlags {
  readonly format: ReportForm;
  readonly quick?: true;
}

export interface RuntimeFlags extends WorldFlags {
  readonly format: ReportForm;
  readonly show: readonly string[];
}

export interface ViewFlags extends Omit<WorldFlags, 'buildJobs'> {
  readonly format: ViewForm;
  readonly use: readonly string[];
  readonly export?: string;
}

export interface PruneFlags {
  readonly all?: true;
  readonly records?: true;
  readonly snapshots?: true;
  readonly logs?: true;
  readonly roots?: true;
  readonly layers?: true;
}

export interface CheckFlags extends BaselineFlags {
  readonly fix?: true;
  readonly pkgcheck?: true;
  readonly format: ReportForm;
  readonly root: string;
}

/** The implementation of each command; each resolves to its exit code. */
export interface Commands extends RecordCommands, EditorCommands, ShellCommand, SweepCommand, WorkCommand {
  trial(files: readonly string[], flags: TrialFlags): Promise<number>;
  review(range: string | undefined, flags: ReviewFlags): Promise<number>;
  check(paths: readonly string[], flags: CheckFlags): Promise<number>;
  metadata(file: string, flags: MetadataFlags): Promise<number>;
  runtime(file: string, command: readonly string[], flags: RuntimeFlags): Promise<number>;
  reproduce(file: string, flags: ReproduceFlags): Promise<number>;
  view(file: string, flags: ViewFlags): Promise<number>;
  explain(code: string | undefined): Promise<number>;
  prune(flags: PruneFlags): Promise<number>;
  doctor(file: string | undefined, flags: MetadataFlags): Promise<number>;
}

/**
 * Makes the parser that runs the named command and sets the exit code. Wrong arguments end the process with a
 * message.
 */
export function createProgram(commands: Commands): Command {
  const program = new Command('ebuild-audit')
    .description(
      'Find the real dependencies of an ebuild by building it with only the declared ones visible.',
    )
    .version(PRODUCT_VERSION)
    .showHelpAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : COULD_NOT_RUN));

  addTrial(program, commands);
  addReview(program, commands);
  addSweep(program, commands);
  addCheck(program, commands);
  addMetadata(program, commands);
  addExplain(program, commands);
  addRuntime(program, commands);
  addReproduce(program, commands);
  addShell(program, commands);
  addView(program, commands);
  addPrune(program, commands);
  addDoctor(program, commands);
  addEditorCommands(program, commands);
  addWork(program, commands);
  addRecord(program, commands, (command) =>
    command
      .addOption(rootOption('the Gentoo system that the trial saw'))
      .addOption(packageManagerOption('the package manager of the trial')),
  );
  return program;
}

function addTrial(program: Command, commands: Commands): void {
  const trial = program
    .command('trial')
    .description('build ebuilds in the sandbox and report the packages that they use and do not declare')
    .argument('<file...>', 'ebuilds, each REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .option('--fix', 'apply all safe fixes to the file')
    .option('--verify', 'run a second trial with all safe fixes applied, with or without --fix')
    .option('--probes', 'also list the packages that the build looked for and does not need');
  addPackageOptions(trial);
  addTrialOptions(trial, formatOption())
    .addHelpText(
      'after',
      '\nExit status: 0 no error or warning, 1 some, 2 no verdict (the trial could not run, or the build failed for another reason).',
    )
    .action(async (files: string[], flags: TrialFlags) => {
      checkPackageFlags(trial, flags);
      process.exitCode = await commands.trial(files, flags);
    });
}

function addReview(program: Command, commands: Commands): void {
  const review = program
    .command('review')
    .description(
      'audit the ebuilds that a git range adds or changes, before and after, and report what is new',
    )
    .argument(
      '[range]',
      'commits as git names them: A..B, or one that is compared with the working tree; or a file with patches; by default where the branch began',
    );
  review.option('--all', 'audit every ebuild of the working tree instead, without an old version');
  review.addOption(
    new Option('--report <form=file>', 'also write the report in this form to a file (repeatable)')
      .argParser(readReport)
      .default([], 'none'),
  );
  const format = new Option('--format <form>', 'report format').choices(REVIEW_FORM_NAMES);
  addTrialOptions(review, format.default(REVIEW_FORM_NAMES[0]))
    .addHelpText(
      'after',
      '\nExit status: 0 no new error or warning, 1 some, 2 no verdict (an ebuild could not be judged, and nothing new was found).',
    )
    .action(async (range: string | undefined, flags: ReviewFlags) => {
      if (range !== undefined && flags.all)
        review.error(`error: --all audits the whole working tree: leave ${range} out, or --all.`);
      process.exitCode = await commands.review(range, flags);
    });
}

/** Adds the options of trials, which {@link ReportedFlags} has. */
function addTrialOptions(command: Command, format: Option): Command {
  command
    .option('--why', 'for each finding, show the owner of the file, the rule, and the builds that prove it')
    .addOption(baselineOption())
    .addOption(writeBaselineOption())
    .addOption(format);
  return addBuildOptions(command, 'build even if the stored record of an earlier trial answers');
}

function addCheck(program: Command, commands: Commands): void {
  program
    .command('check')
    .description('report mistakes in the dependencies of ebuilds that show without a build')
    .argument('<path...>', 'ebuilds, and folders of which every ebuild is checked')
    .option('--fix', 'apply all safe fixes to the files')
    .option('--pkgcheck', 'also run pkgcheck on each ebuild, in the sandbox')
    .addOption(baselineOption())
    .addOption(writeBaselineOption())
    .addOption(formatOption())
    .addOption(rootOption('the Gentoo system that has the repositories and installed packages'))
    .addHelpText(
      'after',
      '\nExit status: 0 no error or warning, 1 some, 2 something could not be read or written.',
    )
    .action(async (paths: string[], flags: CheckFlags) => {
      process.exitCode = await commands.check(paths, flags);
    });
}

function addMetadata(program: Command, commands: Commands): void {
  program
    .command('metadata')
    .description(
      'list the dependencies of an ebuild after its eclasses, their USE flags, and where each atom comes from',
    )
    .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .addOption(formatOption())
    .addOption(rootOption('the Gentoo system that has the configuration'))
    .addOption(
      packageManagerOption('the package manager that evaluates the ebuild if its text is not enough'),
    )
    .addOption(bwrapOption())
    .addHelpText('after', '\nExit status: 0, or 2 if the ebuild cannot be evaluated.')
    .action(async (file: string, flags: MetadataFlags) => {
      process.exitCode = await commands.metadata(file, flags);
    });
}

function addExplain(program: Command, commands: Commands): void {
  program
    .command('explain')
    .description('explain a finding and how to fix it; without a code, list all findings')
    .argument('[code]', 'the code of a finding, such as missing-depend')
    .addHelpText('after', '\nExit status: 0, or 2 if no finding has that code.')
    .action(async (code: string | undefined) => {
      process.exitCode = await commands.explain(code);
    });
}

function addRuntime(program: Command, commands: Commands): void {
  const command = program
    .command('runtime')
    .description('run a command with what an ebuild installs, with only @system and its RDEPEND visible')
    .usage('[options] <file> -- <command...>')
    .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .argument('<command...>', 'a program that the ebuild installs, or another visible one, and its arguments')
    .addOption(
      new Option('--show <folder>', 'a folder of this machine that the command may read (repeatable)')
        .argParser((folder: string, before: readonly string[]) => [...before, folder])
        .default([], 'none'),
    )
    .addOption(formatOption());
  addWorldOptions(command, {
    root: 'the Gentoo system to run in',
    packageManager: 'the package manager that builds the ebuild',
    buildJobs: 'number of parallel jobs in the build; 0: one per processor',
    limit: 'limit, as for trial (repeatable)',
  })
    .addHelpText(
      'after',
      '\nExit status: 0 no error or warning, 1 some, 2 no verdict (the command could not run, or failed for another reason).',
    )
    .action(async (file: string, words: string[], flags: RuntimeFlags) => {
      process.exitCode = await commands.runtime(file, words, flags);
    });
}

function addReproduce(program: Command, commands: Commands): void {
  const command = program
    .command('reproduce')
    .description(
      'build an ebuild again with time, locale, host and the like varied, and report what differs in its image',
    )
    .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .option('--quick', 'build twice only, and do not look for the cause of a difference')
    .addOption(formatOption());
  addWorldOptions(command, {
    root: 'the Gentoo system to build in',
    packageManager: 'the package manager that runs the phases',
    buildJobs: 'number of parallel jobs in a build; 0: one per processor',
    limit: 'limit, as for trial (repeatable)',
  })
    .addHelpText(
      'after',
      '\nExit status: 0 the same image byte for byte, 1 another image, 2 no verdict (the ebuild does not build as it is).',
    )
    .action(async (file: string, flags: ReproduceFlags) => {
      process.exitCode = await commands.reproduce(file, flags);
    });
}

function addView(program: Command, commands: Commands): void {
  const command = program
    .command('view')
    .description('list the packages that the first build of a trial sees, or write what it sees as an image')
    .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .addOption(
      new Option('--use <flags>', 'USE flags to set for the trial, such as "ssl,-png"')
        .argParser(readUse)
        .default([], 'as configured'),
    )
    .addOption(new Option('--format <form>', 'form of the list').choices(['human', 'json']).default('human'))
    .option(
      '--export <file>',
      'write the view as an EROFS image, the same bytes on every machine, with its dm-verity hashes in FILE.verity and what it is in FILE.json',
    );
  addWorldOptions(command, {
    root: 'the Gentoo system that a trial sees',
    packageManager: 'the package manager that evaluates the ebuild',
    limit: 'limit, as for trial (repeatable)',
  })
    .addHelpText(
      'after',
      '\nExit status: 0, or 2 if the ebuild cannot be evaluated or the image cannot be written.',
    )
    .action(async (file: string, flags: ViewFlags) => {
      process.exitCode = await commands.view(file, flags);
    });
}

function addPrune(program: Command, commands: Commands): void {
  program
    .command('prune')
    .description(
      'remove the least recently used records, snapshots, logs, roots and layers, down to the storage limits',
    )
    .option('--all', 'remove everything that no running trial uses')
    .option('--records', 'only stored records')
    .option('--snapshots', 'only snapshots of builds')
    .option('--logs', 'only build logs')
    .option('--roots', 'only roots that were unpacked from images')
    .option('--layers', 'only binary packages that were opened for trials')
    .addHelpText('after', '\nExit status: 0, or 2 if there is no state folder.')
    .action(async (flags: PruneFlags) => {
      process.exitCode = await commands.prune(flags);
    });
}

function addDoctor(program: Command, commands: Commands): void {
  program
    .command('doctor')
    .description('look at everything that trials need, and say how to mend what is missing')
    .argument('[file]', 'an ebuild, whose repository is looked at too')
    .addOption(formatOption())
    .addOption(rootOption('the Gentoo system to look at'))
    .addOption(packageManagerOption('the package manager to look for'))
    .addOption(bwrapOption())
    .addHelpText('after', '\nExit status: 0 trials can run, 1 there is a problem.')
    .action(async (file: string | undefined, flags: MetadataFlags) => {
      process.exitCode = await commands.doctor(file, flags);
    });
}

/** The values of options that need none, as they are spelt out. */
const IMPLIED: Readonly<Record<string, string>> = { '--use-matrix': 'single', '--buildpkg': '' };

/**
 * Rewrites a bare `--use-matrix` to `--use-matrix=single`, and `--buildpkg` to `--buildpkg=`, because commander would take the file that follows
 * for its value. Words after `--` belong to the command and are not changed.
 */
export function spellOut(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return words.map((word, at) =>
    Object.hasOwn(IMPLIED, word) && (end < 0 || at < end) ? `${word}=${IMPLIED[word]}` : word,
  );
}
