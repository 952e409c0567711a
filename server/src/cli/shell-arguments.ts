/** The command `shell`. */
import { type Command, Option } from 'commander';
import { PHASES, type Phase } from '../package-manager/port.ts';
import { readUse } from './options.ts';
import { addWorldOptions, type WorldFlags } from './world-options.ts';

export interface ShellFlags extends WorldFlags {
  readonly use: readonly string[];
  readonly phase?: Phase;
  readonly show: readonly string[];
}

/** The implementation of the command; it resolves to its exit code. */
export interface ShellCommand {
  shell(file: string, command: readonly string[], flags: ShellFlags): Promise<number>;
}

export function addShell(program: Command, commands: ShellCommand): void {
  const command = program
    .command('shell')
    .description('build an ebuild, and open a shell where the build stopped, with the same packages hidden')
    .usage('[options] <file> [-- <command...>]')
    .argument('<file>', 'the ebuild, REPOSITORY/CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild')
    .argument('[command...]', 'a command to run there instead of a shell, and its arguments')
    .addOption(
      new Option('--use <flags>', 'USE flags to set for the build, such as "ssl,-png"')
        .argParser(readUse)
        .default([], 'as configured'),
    )
    .addOption(
      new Option('--phase <phase>', 'stop before this phase, even if the build would pass it').choices(
        PHASES.slice(1),
      ),
    )
    .addOption(
      new Option('--show <atom>', 'show an installed package that the ebuild does not declare (repeatable)')
        .argParser((atom: string, before: readonly string[]) => [...before, atom])
        .default([], 'none'),
    );
  addWorldOptions(command, {
    root: 'the Gentoo system to build in',
    packageManager: 'the package manager that runs the phases',
    buildJobs: 'number of parallel jobs in the build; 0: one per processor',
    limit: 'limit, as for trial (repeatable); time and output have none here',
  })
    .addHelpText('after', '\nExit status: that of the shell or the command, or 2 if nothing could be built.')
    .action(async (file: string, words: string[], flags: ShellFlags) => {
      process.exitCode = await commands.shell(file, words, flags);
    });
}
