/** The world of `ebuild-audit review`. */
import { judgeSilenced } from '../audit/silencing/judge-silenced.ts';
import { openChecker } from '../check/open-checker.ts';
import { createRepositoryRules } from '../check/repository-rules.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { outlineEbuild } from '../ebuild/outline.ts';
import { makeHome } from '../host/find-world.ts';
import { readEbuild } from '../repository/ebuild-text.ts';
import { openGit } from '../review/git-program.ts';
import type { ReviewFlags } from './arguments.ts';
import { openBaseline } from './baseline.ts';
import { doubtOf } from './check-command.ts';
import type { CommandSetting } from './command-setting.ts';
import { runReviewCommand } from './review-command.ts';
import { openRunner, settingsOf } from './runner.ts';
import { openTerminal } from './terminal.ts';

export interface ReviewSetting extends CommandSetting {
  /** The page of a finding's code; undefined if there is none. */
  readPage(code: string): string | undefined;
}

/** Runs `ebuild-audit review` on this machine. @returns the exit code @throws what {@link runReviewCommand} throws */
export async function reviewHere(
  range: string | undefined,
  flags: ReviewFlags,
  { readParser, readPage, product, interrupted, complain }: ReviewSetting,
): Promise<number> {
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
        runner: await openRunner(flags, settingsOf(flags, flags.jobs), readFacts, complain, product),
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
}
