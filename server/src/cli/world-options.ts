import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { RunnerSettings } from '../host/find-world.ts';
import type { SandboxLimits } from '../sandbox/sandbox.ts';
import { bwrapOption, limitOption, packageManagerOption, readCount, rootOption } from './options.ts';

/** The options of every command that builds. */
export interface WorldFlags {
  readonly root: string;
  readonly packageManager: RunnerSettings['packageManager'];
  readonly buildJobs: number;
  readonly limit: Partial<SandboxLimits>;
  readonly bwrap: string;
  /** Absolute paths of folders with binary packages. */
  readonly pkgdir: readonly string[];
  readonly binhost: readonly string[];
}

/** How the help of a command speaks of its options. */
export interface WorldWording {
  readonly root: string;
  readonly packageManager: string;
  /** Absent: the command builds nothing. */
  readonly buildJobs?: string;
  readonly limit: string;
}

/** Adds the options that say in which world a command builds. */
export function addWorldOptions(command: Command, wording: WorldWording): Command {
  const list = (flags: string, description: string, read: (text: string) => string) =>
    new Option(flags, description)
      .argParser((text: string, before: readonly string[]) => [...before, read(text)])
      .default([], 'none');
  command.addOption(rootOption(wording.root)).addOption(packageManagerOption(wording.packageManager));
  if (wording.buildJobs !== undefined)
    command.option('--build-jobs <number>', wording.buildJobs, readCount(0), 0);
  return command
    .addOption(limitOption(wording.limit))
    .addOption(
      list(
        '--pkgdir <folder>',
        'a folder of binary packages, besides PKGDIR, for what is not installed (repeatable)',
        (folder) => resolve(folder),
      ),
    )
    .addOption(
      list(
        '--binhost <uri>',
        'a server of binary packages, besides those of the configuration (repeatable)',
        (uri) => uri,
      ),
    )
    .addOption(bwrapOption());
}

/** The settings that the options stand for. */
export function readSettings(flags: WorldFlags): RunnerSettings {
  const { root, packageManager, buildJobs, bwrap, limit: limits, pkgdir, binhost } = flags;
  return { root, packageManager, buildJobs, bwrap, limits, packageFolders: pkgdir, binhosts: binhost };
}
