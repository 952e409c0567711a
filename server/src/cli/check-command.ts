import { resolve } from 'node:path';
import type { Colors } from 'picocolors/types';
import { fixAll } from '../audit/fix-all.ts';
import type { Silencing } from '../audit/silencing/silence.ts';
import type { Checker } from '../check/checker.ts';
import { sayLimit } from '../errors/limit.ts';
import { isForUser } from '../errors/user-error.ts';
import { repositoryFolder } from '../repository/ebuild-location.ts';
import type { Baseline } from './baseline.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS, hasFault } from './exit-status.ts';
import { describeBaseline } from './report/baseline-sentences.ts';
import type { CheckedFile } from './report/report.ts';
import { openReport, type ReportForm } from './report/report-forms.ts';

export interface CheckCommandOptions {
  /** Ebuilds and folders of ebuilds, as the user wrote them; reports repeat them. */
  readonly paths: readonly string[];
  readonly fix: boolean;
  readonly format: ReportForm;
}

export interface CheckCommandWorld {
  /** The static findings for a text of a file, and those that it or its repository ignores. */
  check(file: string, text: string): Silencing;
  /** Resolves when everything that findings for the file depend on is known. */
  ready(file: string): Promise<void>;
  /**
   * Lets pkgcheck scan a text, so that `check` has its results; absent without --pkgcheck. Throws as `readFile` does.
   */
  readonly scan?: (file: string, text: string) => Promise<void>;
  /** One sentence: why no package may be called unknown in the file's repository. */
  incomplete(file: string): string | undefined;
  /** The ebuilds that a path stands for. */
  listEbuilds(path: string): Promise<readonly string[]>;
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
  print(text: string): void;
  /** One sentence for standard error. */
  complain(sentence: string): void;
  readonly colors: Colors;
  /** The known findings that `check` hides; absent without one. */
  readonly baseline?: Pick<Baseline, 'noteCheck' | 'finish'> | undefined;
}

/**
 * Reports the static findings of ebuilds. With `fix`, all safe fixes are written first, and the remaining findings
 * are reported. If a file cannot be read or written, that is reported and the other files are still checked.
 *
 * @param signal ends it before the next file; its reason is thrown
 * @returns the exit code, documented in docs/command-line.md
 */
export async function runCheckCommand(
  options: CheckCommandOptions,
  world: CheckCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  const report = openReport(options.format, world);
  const attempts = createAttempts(world, signal);
  const doubts = new Set<string>();
  const repositories = new Set<string>();
  let status: number = CLEAN;
  for (const path of options.paths) {
    for (const file of (await attempts.run(() => world.listEbuilds(path))) ?? []) {
      const repository = repositoryFolder(resolve(file));
      if (!repositories.has(repository)) {
        repositories.add(repository);
        await world.ready(file);
        const doubt = world.incomplete(file);
        if (doubt !== undefined) doubts.add(doubt);
      }
      signal?.throwIfAborted();
      const result = await attempts.run(() => checkFile(file, options.fix, world, attempts.run, signal));
      if (result === undefined) continue;
      report.checked(result);
      world.baseline?.noteCheck(file, result, {
        repositories: world.incomplete(file) === undefined,
        pkgcheck: world.scan !== undefined && !attempts.hasFailed(),
      });
      if (hasFault(result.findings)) status = FINDINGS;
    }
  }
  for (const doubt of doubts) world.complain(doubt);
  report.checkEnded({ incomplete: [...doubts], hasFailed: attempts.hasFailed() });
  if (world.baseline !== undefined)
    for (const sentence of describeBaseline(world.baseline.finish())) world.complain(sentence);
  return attempts.hasFailed() ? COULD_NOT_RUN : status;
}

/** Why findings about an ebuild's repository may be missing, as one sentence; undefined if everything is known. */
export function doubtOf(checker: Pick<Checker, 'knowledgeFor'>, file: string): string | undefined {
  const limit = checker.knowledgeFor(file)?.incomplete;
  return limit && sayLimit(limit);
}

type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;

/**
 * Runs work, and reports an error that is for the user instead of throwing it, so that the other files are still
 * checked.
 */
function createAttempts(
  world: Pick<CheckCommandWorld, 'complain'>,
  signal: AbortSignal | undefined,
): { readonly run: Attempt; hasFailed(): boolean } {
  const complaints = new Set<string>();
  return {
    async run(work) {
      try {
        return await work();
      } catch (error) {
        signal?.throwIfAborted();
        if (!isForUser(error)) throw error;
        // Without pkgcheck or a sandbox, every file would give the same message.
        if (!complaints.has(error.message)) world.complain(error.message);
        complaints.add(error.message);
        return undefined;
      }
    },
    hasFailed: () => complaints.size > 0,
  };
}

async function checkFile(
  file: string,
  fix: boolean,
  world: CheckCommandWorld,
  attempt: Attempt,
  signal?: AbortSignal,
): Promise<CheckedFile> {
  // If pkgcheck cannot scan the file, our own findings are still reported.
  const scan = (scanned: string) => attempt(async () => world.scan?.(file, scanned));
  const text = await world.readFile(file);
  await scan(text);
  signal?.throwIfAborted();
  const found = world.check(file, text);
  if (!fix || found.findings.length === 0) return { file, text, ...found, isFixed: false };
  const fixed = fixAll(text, (changed) => world.check(file, changed));
  if (fixed === text) return { file, text, ...found, isFixed: false };
  await world.writeFile(file, fixed);
  await scan(fixed);
  return { file, text: fixed, ...world.check(file, fixed), isFixed: true };
}
