import { join, resolve } from 'node:path';
import { judge } from '../audit/judge.ts';
import { UserError } from '../errors/user-error.ts';
import { DEFAULT_STORAGE, findBuilder, makeHome, type RunnerSettings } from '../host/find-world.ts';
import { readSigningKey } from '../sharing/keys.ts';
import { openPackageFolder } from '../trial/packaging/package-folder.ts';
import { createPackager } from '../trial/packaging/packager.ts';
import { demandPackageWriter } from '../trial/packaging/write-package.ts';
import { lacksBuildDependency } from '../trial/start-record.ts';
import type { TrialFlags } from './arguments.ts';
import type { Pack } from './file-trial.ts';
import { type EnvelopeWorld, makeEnvelope } from './make-envelope.ts';
import type { TrialResult } from './report/report.ts';

/** The folder of binary packages that the options name. */
export interface ChosenFolder {
  /** Absolute. */
  readonly path: string;
  /** Whether it is in the state folder, where only the newest package of each version is kept. */
  readonly isOwn: boolean;
}

/** The folder of binary packages of `--buildpkg`; undefined without it. */
export function choosePackageFolder({ buildpkg }: Pick<TrialFlags, 'buildpkg'>): ChosenFolder | undefined {
  if (buildpkg === undefined) return undefined;
  if (buildpkg !== '') return { path: resolve(buildpkg), isOwn: false };
  return { path: join(makeHome(process.geteuid?.() ?? 0), 'packages'), isOwn: true };
}

/**
 * Prepares the writing of binary packages, so that what is missing is known before the trials.
 *
 * @throws UserError if the folder or the key cannot be used, or the package manager writes no gpkg
 */
export async function openPacking(
  flags: TrialFlags,
  folder: ChosenFolder,
  settings: RunnerSettings,
  world: Pick<EnvelopeWorld, 'readFacts' | 'complain'>,
): Promise<Pack> {
  if (flags.key !== undefined) readSigningKey(flags.key);
  demandPackageWriter((await findBuilder(settings)).packageManager);
  openPackageFolder(folder.path);
  const write = createPackager(settings, world.readFacts);
  const exportRecord = async (path: string, text: string): Promise<string> => {
    const exporting: EnvelopeWorld = {
      ...world,
      findBuilder: () => findBuilder(settings),
      storage: DEFAULT_STORAGE.records,
      readFile: async () => text,
      judge: (record) => judge(record, world.readFacts(record.text)),
    };
    try {
      return (await makeEnvelope(path, flags.key, exporting)).envelope;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(
        `No binary package was written, because the trial has left no record for it, as after a change meanwhile: try again (${error.message.replace(/\.$/, '')}).`,
        { cause: error },
      );
    }
  };
  return async ({ path, file, result, onProgress, signal }) => {
    demandVerified(result);
    const { text, record } = result;
    const written = await write(
      {
        file: path,
        text,
        use: flags.tests === true ? ['test'] : [],
        tests: flags.tests === true,
        fresh: flags.fresh === true,
        record: await exportRecord(path, text),
        folder: folder.path,
        replaces: folder.isOwn,
      },
      onProgress,
      signal,
    );
    if (record.image !== undefined && written.image !== record.image)
      world.complain(
        `The binary package of ${file} is another build than that of the record, and its image differs: run "ebuild-audit reproduce ${file}" to see why.`,
      );
    return written.path;
  };
}

/** @throws UserError unless the build passed and nothing that was found is an error */
function demandVerified({ record, verdict }: TrialResult): void {
  const error = verdict.findings.find(({ severity }) => severity === 'error');
  if (error !== undefined)
    throw new UserError(
      `No binary package was written, because the trial found an error (${error.code}): fix it, or use --fix --verify.`,
    );
  if (lacksBuildDependency(record))
    throw new UserError(
      'No binary package was written, because nothing was built: install the packages that the trial names first.',
    );
  if (record.outcome !== 'passed')
    throw new UserError('No binary package was written, because the build failed: fix the ebuild first.');
}
