/** The world of `ebuild-audit trial`. */
import { resolve } from 'node:path';
import { judgeSilenced } from '../audit/silencing/judge-silenced.ts';
import { createRepositoryRules } from '../check/repository-rules.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { readEbuild } from '../repository/ebuild-text.ts';
import type { TrialFlags } from './arguments.ts';
import { openBaseline } from './baseline.ts';
import { choosePackageFolder, openPacking } from './binary-package.ts';
import type { CommandSetting } from './command-setting.ts';
import { replaceEbuild } from './ebuild-file.ts';
import { openRunner, settingsOf } from './runner.ts';
import { openTerminal } from './terminal.ts';
import { runTrialCommand } from './trial-command.ts';
import { createLateEvaluator, orderTrials } from './trial-order.ts';

/** Runs `ebuild-audit trial` on this machine. @returns the exit code @throws what {@link runTrialCommand} throws */
export async function tryHere(
  files: readonly string[],
  flags: TrialFlags,
  { readParser, product, interrupted, complain, date }: CommandSetting,
): Promise<number> {
  const parser = await readParser();
  const readFacts = (text: string) => parseEbuild(text, parser);
  const rulesOf = createRepositoryRules(complain);
  const baseline = openBaseline(flags);
  const atOnce = Math.min(flags.jobs, files.length);
  const folder = choosePackageFolder(flags);
  const settings = settingsOf(flags, atOnce, folder === undefined ? [] : [folder.path]);
  return runTrialCommand(
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
      runner: await openRunner(flags, settings, readFacts, complain, product),
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
      now: date,
    },
    interrupted,
  );
}
