import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readConfiguration } from '../host/configuration.ts';
import { digestOf } from '../host/digest.ts';
import { metadataSchema } from '../package-manager/metadata.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { repositoryFolder } from '../repository/ebuild-location.ts';
import { openAnswerStore } from './answer-store.ts';
import { type EvaluationWorld, evaluateText } from './evaluate-text.ts';

/** What is kept of an evaluation: its eclasses as they were, the path of each with its MD5, which is empty if there was no file. */
const keptSchema = z.object({
  metadata: metadataSchema,
  eclasses: z.array(z.tuple([z.string(), z.string()])),
});
type KeptEvaluation = z.infer<typeof keptSchema>;

/** Evaluates a text, or gives what an earlier evaluation of the same text came to; see {@link createEvaluator}. */
export type Evaluate = (file: string, text: string, signal?: AbortSignal) => Promise<EvaluatedMetadata>;

/**
 * Makes an {@link Evaluate} that asks the package manager in the sandbox, and keeps its answers under the state folder. An answer
 * counts as long as the text, the eclasses, the root's configuration and the package manager are the same. Texts that are asked for
 * while they are being evaluated share one evaluation.
 */
export function createEvaluator(world: EvaluationWorld): Evaluate {
  const store = openAnswerStore(join(world.home, 'answers'));
  const running = new Map<string, Promise<EvaluatedMetadata>>();
  return async (file, text, signal) => {
    const repository = repositoryFolder(file);
    const { fingerprint, repositories } = await readConfiguration(world.rootPath, repository);
    const { name, version } = world.packageManager;
    const key = digestOf(['metadata 3', name, version, world.rootPath, file, text, fingerprint]);
    const kept = keptSchema.safeParse(store.read(key));
    if (kept.success && kept.data.eclasses.every(([path, md5]) => md5Of(path) === md5))
      return kept.data.metadata;

    const already = running.get(key);
    // One who can cancel must not cancel another's.
    if (already !== undefined && signal === undefined) return already;
    const evaluation = evaluateText(world, file, text, signal).then((metadata) => {
      const answer: KeptEvaluation = { metadata, eclasses: eclassFiles(metadata.inherited, repositories) };
      store.write(key, answer);
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

/**
 * Every file that could be one of the eclasses, whichever of them the package manager took: a new one in an overlay counts as a change
 * of what was not there.
 */
function eclassFiles(inherited: readonly string[], repositories: readonly string[]): [string, string][] {
  return inherited.flatMap((eclass) =>
    repositories.map((repository): [string, string] => {
      const path = join(repository, 'eclass', `${eclass}.eclass`);
      return [path, md5Of(path)];
    }),
  );
}

function md5Of(path: string): string {
  try {
    return createHash('md5').update(readFileSync(path)).digest('hex');
  } catch {
    return '';
  }
}
