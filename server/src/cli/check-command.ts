import { resolve } from 'node:path';
import type { Colors } from 'picocolors/types';
import { countSilenced } from '../audit/conclusion.ts';
import { fixAll } from '../audit/fix-all.ts';
import type { Silencing } from '../audit/silencing/silence.ts';
import { isForUser } from '../errors/user-error.ts';
import { repositoryFolder } from '../repository/ebuild-location.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS, hasFault } from './exit-status.ts';
import { printable } from './printable.ts';
import { describeFinding, describeSilenced, formatJson } from './report-json.ts';
import { formatFinding } from './report-text.ts';

export interface CheckCommandOptions {
  /** Ebuilds and folders of ebuilds, as the user wrote them; reports repeat them. */
  readonly paths: readonly string[];
  readonly fix: boolean;
  readonly format: 'text' | 'json';
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

interface CheckedFile extends Silencing {
  readonly file: string;
  readonly text: string;
  /** Whether edits were written; `text` is what the file holds then. */
  readonly fixed: boolean;
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
  const checked: CheckedFile[] = [];
  const doubts = new Set<string>();
  const complaints = new Set<string>();
  const repositories = new Set<string>();
  let failed = false;
  const attempt: Attempt = async (work) => {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!isForUser(error)) throw error;
      // Where there is no pkgcheck, or no sandbox, every file has the same to say.
      if (!complaints.has(error.message)) world.complain(error.message);
      complaints.add(error.message);
      failed = true;
      return undefined;
    }
  };
  for (const path of options.paths) {
    for (const file of (await attempt(() => world.listEbuilds(path))) ?? []) {
      const repository = repositoryFolder(resolve(file));
      if (!repositories.has(repository)) {
        repositories.add(repository);
        await world.ready(file);
        const doubt = world.incomplete(file);
        if (doubt !== undefined) doubts.add(doubt);
      }
      signal?.throwIfAborted();
      const result = await attempt(() => checkFile(file, options.fix, world, attempt, signal));
      if (result === undefined) continue;
      checked.push(result);
      if (options.format === 'text') report(result, world);
    }
  }
  for (const doubt of doubts) world.complain(doubt);
  const count = checked.reduce((sum, { findings }) => sum + findings.length, 0);
  const silenced = checked.reduce((sum, one) => sum + one.silenced.length, 0);
  if (options.format === 'json') world.print(formatJson(describe(checked, [...doubts])));
  // Where no file could be looked at, there is nothing to sum up.
  else if (checked.length > 0 || !failed) world.print(summarize(checked.length, count, silenced));
  if (failed) return COULD_NOT_RUN;
  return checked.some(({ findings }) => hasFault(findings)) ? FINDINGS : CLEAN;
}

type Attempt = <T>(work: () => Promise<T>) => Promise<T | undefined>;

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
  if (!fix || found.findings.length === 0) return { file, text, ...found, fixed: false };
  const fixed = fixAll(text, (changed) => world.check(file, changed));
  if (fixed === text) return { file, text, ...found, fixed: false };
  await world.writeFile(file, fixed);
  await scan(fixed);
  return { file, text: fixed, ...world.check(file, fixed), fixed: true };
}

function report({ file, text, findings, fixed }: CheckedFile, world: CheckCommandWorld): void {
  if (fixed) world.print(`${printable(file)}: edits are written.`);
  const style = { colors: world.colors, why: false, shown: new Set<string>() };
  for (const finding of findings) world.print(`${formatFinding(file, text, finding, style)}\n`);
}

function summarize(files: number, findings: number, silenced: number): string {
  const ebuilds = files === 1 ? '1 ebuild' : `${files} ebuilds`;
  return `${ebuilds} checked, ${findings === 0 ? 'no findings' : findings === 1 ? '1 finding' : `${findings} findings`}${countSilenced(silenced)}.`;
}

/** Described in docs/command-line.md; `format` is raised when a key changes its meaning. */
function describe(checked: readonly CheckedFile[], incomplete: readonly string[]) {
  return {
    format: 1,
    incomplete,
    files: checked.map(({ file, text, findings, silenced, fixed }) => ({
      file,
      fixed,
      findings: findings.map((finding) => describeFinding(text, finding)),
      silenced: describeSilenced(text, silenced),
    })),
  };
}
