import { dirname, join } from 'node:path';
import * as z from 'zod';
import { fingerprintFile } from '../files/regular-file.ts';
import { readConfiguration } from '../host/configuration.ts';
import { digestOf } from '../host/digest.ts';
import { beginInterval } from '../host/interval.ts';
import { isModuleOfPython, readPathState } from '../host/named-paths.ts';
import { metadataSchema } from '../package-manager/metadata.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { repositoryFolder } from '../repository/ebuild-location.ts';
import { md5Of } from '../repository/md5-cache.ts';
import { openAnswerStore } from './answer-store.ts';
import { type EvaluationWorld, evaluateText } from './evaluate-text.ts';

const namesSchema = z.record(z.string(), z.array(z.string()).readonly()).readonly();

/** A stored evaluation. For each path of an eclass it has the {@link md5OfEclass}, which is empty if there was no file. */
const keptSchema = z.object({
  metadata: metadataSchema,
  eclasses: z.array(z.tuple([z.string(), z.string()])),
  /** See `NamedPaths`, and the digest of their state. */
  named: z.object({
    present: namesSchema,
    absent: namesSchema,
    listed: z.record(z.string(), z.object({ names: z.string(), unowned: z.string() }).readonly()).readonly(),
    loaderCaches: z.exactOptional(z.array(z.string()).readonly()),
  }),
  state: z.string(),
});
type KeptEvaluation = z.infer<typeof keptSchema>;

/** Evaluates a text, or returns the result of an earlier evaluation of the same text; see {@link createEvaluator}. */
export type Evaluate = (file: string, text: string, signal?: AbortSignal) => Promise<EvaluatedMetadata>;

/**
 * Creates an {@link Evaluate} that runs the package manager in the sandbox and stores its answers in the state folder. An answer is valid
 * as long as the text, the eclasses, the root's configuration, the package manager and all files that the evaluation named are the same. Simultaneous requests for one text
 * share its evaluation.
 */
export function createEvaluator(world: EvaluationWorld): Evaluate {
  const store = openAnswerStore(join(world.home, 'answers'));
  const running = new Map<string, Promise<EvaluatedMetadata>>();
  return async (file, text, signal) => {
    const repository = repositoryFolder(file);
    const { fingerprint, repositories } = await readConfiguration(world.rootPath, repository);
    const { name, version } = world.packageManager;
    const key = digestOf(['metadata 5', name, version, world.rootPath, file, text, fingerprint]);
    const kept = keptSchema.safeParse(store.read(key));
    if (kept.success && (await isCurrent(kept.data))) return kept.data.metadata;

    const already = running.get(key);
    // A caller with a signal gets an evaluation of its own, so that it cannot cancel that of others.
    if (already !== undefined && signal === undefined) return already;
    const since = beginInterval();
    const evaluation = evaluateText(world, file, text, signal).then(async ({ metadata, named }) => {
      const state = named && (await readPathState(named, async () => isModuleOfPython, true));
      if (state !== undefined && named !== undefined && since.isBefore(state.changed)) {
        const eclasses = eclassFiles(metadata.inherited, repositories);
        const answer: KeptEvaluation = { metadata, eclasses, named, state: state.digest };
        store.write(key, answer);
      }
      return metadata;
    });
    if (signal === undefined) {
      running.set(key, evaluation);
      const done = () => void running.delete(key);
      evaluation.then(done, done);
    }
    return evaluation;
  };
}

async function isCurrent({ eclasses, named, state }: KeptEvaluation): Promise<boolean> {
  if (!eclasses.every(([path, md5]) => md5OfEclass(path) === md5)) return false;
  return (await readPathState(named, async () => isModuleOfPython, true)).digest === state;
}

/**
 * Lists the paths at which each eclass may exist, also those without a file: a new file in an overlay changes which eclass the package
 * manager uses.
 */
function eclassFiles(inherited: readonly string[], repositories: readonly string[]): [string, string][] {
  return inherited.flatMap((eclass) =>
    repositories.map((repository): [string, string] => {
      const path = join(repository, 'eclass', `${eclass}.eclass`);
      return [path, md5OfEclass(path)];
    }),
  );
}

/** The MD5 of the eclass; see {@link fingerprintFile} for one that is a link out of its repository. */
function md5OfEclass(path: string): string {
  return fingerprintFile(path, [dirname(dirname(path))], md5Of);
}
