import { type Evaluation, evaluateEbuild } from '../evaluation/evaluate.ts';
import type { Layering, LayeringInput } from '../layers/add-layers.ts';
import { layOnRoot } from './layered-root.ts';

/** An ebuild of which is known what it needs, and on which layers it is built. */
export interface PreparedEbuild {
  readonly evaluation: Evaluation;
  /** The binary packages that lie on the root; undefined if it lacks no dependency, or nothing reads binary packages. */
  readonly layering: Layering | undefined;
}

/**
 * Evaluates an ebuild, and puts the binary packages that it needs on the root.
 *
 * @param onProgress told what is being done, in a word or two
 * @throws the errors of `evaluateEbuild` and `addLayers`
 */
export async function prepareEbuild(
  input: Pick<LayeringInput, 'world' | 'root' | 'location' | 'folder' | 'use' | 'signal'>,
  onProgress: (step: string) => void,
): Promise<PreparedEbuild> {
  const { world, root, folder, use } = input;
  const evaluation = await evaluateEbuild(world, root, folder, use);
  const { metadata } = evaluation;
  return { evaluation, layering: await layOnRoot({ ...input, metadata }, onProgress) };
}
