import { resolve } from 'node:path';
import type { Colors } from 'picocolors/types';
import { fixAll } from '../audit/fix-all.ts';
import type { Silencing } from '../audit/silencing/silence.ts';
import { isForUser } from '../errors/user-error.ts';
import { repositoryFolder } from '../repository/ebuild-location.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS, hasFault } from './exit-status.ts';
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
  /** Resolves when everything is known that findings for the file rest on. */
  ready(file: string): Promise<void>;
  /** Lets pkgcheck scan a text, so that `check` has its results; absent where they are not asked for. Throws as reading does. */
  readonly scan?: (file: string, text: string) => Promise<void>;
  /** Why no package may be called unknown in the file's repository, as one sentence. */
  incomplete(file: string): string | undefined;
  /** The ebuilds that a path means. */
  listEbuilds(path: string): Promise<readonly string[]>;
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
  print(text: string): void;
  /** One sentence for standard error. */
  complain(sentence: string): void;
  readonly colors: Colors;
}

/**
 * Reports what can be said against ebuilds without building them. With `fix`, edits that are no guess are written first, and what
 * is left is reported. A file that cannot be read or written is complained about, and the others are checked all the same.
 *
 * @param signal ends it before the next file; what it is aborted with is thrown
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
      if (hasFault(result.findings)) status = FINDINGS;
    }
  }
  for (const doubt of doubts) world.complain(doubt);
  report.checkEnded({ incomplete: [...doubts], hasFailed: attempts.hasFailed() });
  return attempts.hasFailed() ? COULD_NOT_RUN : status;
}

type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;

/** Runs work that may fail for a reason that the user is told of; the others are done all the same. */
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
        // Where there is no pkgcheck, or no sandbox, every file has the same to say.
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
  // What pkgcheck cannot scan has findings of ours all the same.
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
