/** The worlds of the commands that build nothing: `ebuild-audit check` and `metadata`. */
import { resolve } from 'node:path';
import { openChecker } from '../check/open-checker.ts';
import { openPkgcheck } from '../check/pkgcheck-scan.ts';
import { createRepositoryRules } from '../check/repository-rules.ts';
import { readTracedMetadata } from '../check/traced-metadata.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { outlineEbuild } from '../ebuild/outline.ts';
import { createEvaluator } from '../evaluation/kept-evaluation.ts';
import { findTrialWorld } from '../host/find-world.ts';
import { readEbuild } from '../repository/ebuild-text.ts';
import type { CheckFlags, MetadataFlags } from './arguments.ts';
import { openBaseline } from './baseline.ts';
import { doubtOf, runCheckCommand } from './check-command.ts';
import type { CommandSetting } from './command-setting.ts';
import { listEbuilds, replaceEbuild } from './ebuild-file.ts';
import { CLEAN } from './exit-status.ts';
import { openReport } from './report/report-forms.ts';
import { openTerminal } from './terminal.ts';

/** Runs `ebuild-audit check` on this machine. @returns the exit code @throws what {@link runCheckCommand} throws */
export async function checkHere(
  paths: readonly string[],
  flags: CheckFlags,
  { readParser, interrupted, complain }: CommandSetting,
): Promise<number> {
  const withPkgcheck = flags.pkgcheck === true;
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
}

/** Runs `ebuild-audit metadata` on this machine. @returns the exit code @throws UserError if the ebuild cannot be evaluated */
export async function showMetadataHere(
  file: string,
  flags: MetadataFlags,
  { readParser, interrupted }: CommandSetting,
): Promise<number> {
  const text = await readEbuild(file);
  const facts = parseEbuild(text, await readParser());
  const world = await findTrialWorld({ ...flags, buildJobs: 1 });
  const evaluate = createEvaluator(world);
  const traced = await readTracedMetadata(world.rootPath, evaluate, resolve(file), facts, interrupted);
  openReport(flags.format, openTerminal()).metadata({ file, text, traced });
  return CLEAN;
}
