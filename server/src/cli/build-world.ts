/** The worlds of the commands that use a build for something else than a verdict: `ebuild-audit runtime`, `reproduce`, `shell` and `view`. */
import { resolve } from 'node:path';
import { judgeSilenced } from '../audit/silencing/judge-silenced.ts';
import { createRepositoryRules } from '../check/repository-rules.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { readEbuild } from '../repository/ebuild-text.ts';
import { createReproductionRunner } from '../trial/reproduction/reproduction-runner.ts';
import { createRuntimeRunner } from '../trial/runtime/runtime-runner.ts';
import { createShellRunner } from '../trial/shell/shell-runner.ts';
import { createViewRunner } from '../trial/view/view-runner.ts';
import type { ReproduceFlags, RuntimeFlags, ViewFlags } from './arguments.ts';
import type { CommandSetting } from './command-setting.ts';
import { demandOutput } from './output-file.ts';
import { runReproduceCommand } from './reproduce-command.ts';
import { runRuntimeCommand } from './runtime-command.ts';
import type { ShellFlags } from './shell-arguments.ts';
import { runShellCommand } from './shell-command.ts';
import { openShellTerminal, openTerminal } from './terminal.ts';
import { runViewCommand } from './view-command.ts';
import { readSettings } from './world-options.ts';

/** Runs `ebuild-audit runtime` on this machine. @returns the exit code @throws what {@link runRuntimeCommand} throws */
export async function useInstalledHere(
  file: string,
  command: readonly string[],
  flags: RuntimeFlags,
  { readParser, interrupted, complain }: CommandSetting,
): Promise<number> {
  const parser = await readParser();
  const readFacts = (text: string) => parseEbuild(text, parser);
  const rulesOf = createRepositoryRules(complain);
  return runRuntimeCommand(
    {
      named: { file, path: resolve(file) },
      command,
      shown: flags.show.map((folder) => resolve(folder)),
      format: flags.format,
    },
    {
      run: createRuntimeRunner(readSettings(flags), readFacts),
      judge: (record, text, path) => judgeSilenced(record, readFacts(text), rulesOf(path)),
      readFile: readEbuild,
      ...openTerminal(),
    },
    interrupted,
  );
}

/** Runs `ebuild-audit reproduce` on this machine. @returns the exit code @throws what {@link runReproduceCommand} throws */
export async function reproduceHere(
  file: string,
  flags: ReproduceFlags,
  { readParser, interrupted }: CommandSetting,
): Promise<number> {
  const parser = await readParser();
  return runReproduceCommand(
    { named: { file, path: resolve(file) }, format: flags.format, quick: flags.quick === true },
    {
      run: createReproductionRunner(readSettings(flags), (text) => parseEbuild(text, parser)),
      readFile: readEbuild,
      ...openTerminal(),
    },
    interrupted,
  );
}

/** Runs `ebuild-audit shell` on this machine. @returns the exit code @throws what {@link runShellCommand} throws */
export async function openShellHere(
  file: string,
  command: readonly string[],
  flags: ShellFlags,
  { readParser, interrupted, complain }: CommandSetting,
): Promise<number> {
  const parser = await readParser();
  return runShellCommand(
    {
      named: { file, path: resolve(file) },
      use: flags.use,
      stopBefore: flags.phase,
      show: flags.show,
      command,
    },
    {
      run: createShellRunner(readSettings(flags), (text) => parseEbuild(text, parser)),
      readFile: readEbuild,
      complain,
      ...openShellTerminal(),
      progress: openTerminal().progress,
    },
    interrupted,
  );
}

/** Runs `ebuild-audit view` on this machine. @returns the exit code @throws what {@link runViewCommand} throws */
export async function showViewHere(
  file: string,
  flags: ViewFlags,
  { readParser, interrupted, complain }: CommandSetting,
): Promise<number> {
  const parser = await readParser();
  if (flags.export !== undefined) demandOutput(flags.export);
  return runViewCommand(
    {
      named: { file, path: resolve(file) },
      use: flags.use,
      exportTo: flags.export === undefined ? undefined : resolve(flags.export),
      format: flags.format,
    },
    {
      see: createViewRunner(
        readSettings({ ...flags, buildJobs: 1 }),
        (text) => parseEbuild(text, parser),
        complain,
      ),
      readFile: readEbuild,
      ...openTerminal(),
    },
    interrupted,
  );
}
