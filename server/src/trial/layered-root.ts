import { addLayers, type Layering, type LayeringInput } from '../layers/add-layers.ts';
import { listNotInstalled } from './start-record.ts';

/**
 * Puts binary packages on the root if it lacks a dependency; undefined if it lacks none.
 *
 * @param onProgress told what is being done, in a word or two
 * @throws the errors of `addLayers`
 */
export async function layOnRoot(
  input: Omit<LayeringInput, 'missing' | 'onProgress'>,
  onProgress: (step: string) => void,
): Promise<Layering | undefined> {
  const missing = listNotInstalled(input.root, input.metadata).map(({ atom }) => atom);
  return missing.length === 0 ? undefined : addLayers({ ...input, missing, onProgress });
}
