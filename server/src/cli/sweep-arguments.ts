/** The arguments of `ebuild-audit sweep`. */
import { type Command, Option } from 'commander';
import type { BaselineFlags } from './baseline.ts';
import { addBuildOptions, type BuildFlags } from './build-options.ts';
import { baselineOption } from './options.ts';

export interface SweepFlags extends BuildFlags, Pick<BaselineFlags, 'baseline'> {
  readonly range?: string;
  readonly live?: true;
  readonly newest?: true;
  /** A folder. */
  readonly output: string;
  readonly resume?: true;
  /** A folder or a journal. */
  readonly since?: string;
}

export interface SweepCommand {
  sweep(paths: readonly string[], flags: SweepFlags): Promise<number>;
}

export function addSweep(program: Command, commands: SweepCommand): void {
  const sweep = program
    .command('sweep')
    .description('run the trials of many ebuilds, and report them by code, by maintainer and by eclass')
    .argument(
      '[path...]',
      'repositories, categories, packages and ebuilds; "-" reads a list of paths from standard input, one a line; by default the current folder',
    )
    .option(
      '--range <range>',
      'only ebuilds that commits change or concern, also through an eclass, as git names them: A..B, or one that is compared with the working tree',
    )
    .option('--newest', 'only the newest version of each package')
    .option('--live', 'also live ebuilds (9999), which are left out unless a PATH names the file')
    .option(
      '--output <folder>',
      'the folder of the report: sweep.jsonl has a line for each ebuild, index.html sums up',
      'sweep',
    )
    .addOption(
      new Option(
        '--resume',
        'go on with the sweep in the folder; if it has ended, try again what could not be tried',
      ),
    )
    .option(
      '--since <sweep>',
      'the folder or the sweep.jsonl of an earlier sweep: say which findings are new since then',
    )
    .addOption(baselineOption());
  addBuildOptions(sweep, 'begin a new sweep in the folder, and build even if stored records answer')
    .addHelpText(
      'after',
      '\nExit status: the highest of its ebuilds: 0 no error or warning, 1 some, 2 no verdict (a trial could not run, or a build failed for another reason); 2 also if the sweep was stopped.',
    )
    .action(async (paths: string[], flags: SweepFlags) => {
      process.exitCode = await commands.sweep(paths, flags);
    });
}
