import { mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { digestFile } from '../files/file-digest.ts';
import { removeTree } from '../files/remove-tree.ts';
import { replaceFile } from '../files/replace-file.ts';
import { digestOf } from '../host/digest.ts';
import type { ChosenPackage, RemotePackage } from '../package-manager/package-reader.ts';
import { downloadPackage } from './download.ts';
import type { Layer } from './layer-store.ts';
import { identify } from './package-folders.ts';
import { hidePassword } from './remote-file.ts';
import { type PackageFile, type UnpackingInput, unpackLayer } from './unpack.ts';

export interface ProvidingInput extends UnpackingInput {
  /** See `PackageSources`. */
  readonly signatures: string;
  readonly signal: AbortSignal | undefined;
}

/** Each package is opened in a sandbox of its own, so that none can touch another. Most of that time is Portage's start. */
const AT_ONCE = 4;

/**
 * Provides the layers of chosen packages, several at once. If one fails, no other is begun.
 *
 * @param onProgress told which package is being taken in
 * @returns the layers in the order of the packages
 * @throws the first error of {@link provideLayer}, when no package is being opened any more
 */
export async function provideLayers(
  input: ProvidingInput,
  packages: readonly ChosenPackage[],
  onProgress: (step: string) => void,
): Promise<readonly Layer[]> {
  const layers: Layer[] = [];
  const errors: unknown[] = [];
  const left = [...packages.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && errors.length === 0; next = left.shift()) {
      const [number, chosen] = next;
      onProgress(`taking in ${chosen.id} (${number + 1} of ${packages.length})`);
      try {
        layers[number] = await provideLayer(input, chosen);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, availableParallelism()) }, work));
  if (errors.length > 0) throw errors[0];
  return layers;
}

/**
 * Finds the layer of a chosen package, or makes it: a package is opened once for its content and for what is demanded of its signature.
 *
 * @throws UserError with one sentence if the package cannot be downloaded or is refused; nothing of it is kept then
 */
async function provideLayer(
  input: ProvidingInput,
  { id, file: path = '', remote }: ChosenPackage,
): Promise<Layer> {
  if (remote !== undefined) return provideRemote(input, id, remote);
  const find = () => readKnown(input, identify(path));
  const content = find() ?? noteKnown(input, identify(path), await digestFile(path));
  return openLayer(input, { id, path, source: path, signed: false }, content);
}

async function provideRemote(input: ProvidingInput, id: string, remote: RemotePackage): Promise<Layer> {
  const identity = [remote.uri, remote.size, remote.sums];
  const known = Object.keys(remote.sums).length === 0 ? undefined : readKnown(input, identity);
  const layer = known === undefined ? undefined : input.store.find(nameLayer(input, known, remote.signed));
  if (layer !== undefined) return layer;
  const folder = input.store.makeWork('download');
  try {
    // The name in the address may be anything.
    const path = join(folder, 'package');
    await downloadPackage(id, remote, path, input.signal);
    const content = await digestFile(path);
    const opened = await openLayer(
      input,
      { id, path, source: hidePassword(remote.uri), signed: remote.signed },
      content,
    );
    noteKnown(input, identity, content);
    return opened;
  } finally {
    await removeTree(folder);
  }
}

async function openLayer(input: ProvidingInput, file: PackageFile, content: string): Promise<Layer> {
  const name = nameLayer(input, content, file.signed);
  return input.store.find(name) ?? unpackLayer(input, file, name);
}

/** The name of a layer in the store. The root's links decide where its files lie; their contents are shared among roots nevertheless. */
function nameLayer({ root, signatures }: ProvidingInput, content: string, signed: boolean): string {
  return digestOf(['layer 2', content, root.layout.path, signatures, signed]).slice(0, 40);
}

const knownFile = ({ store }: ProvidingInput, identity: readonly unknown[]): string =>
  join(store.path, 'known', digestOf(identity).slice(0, 40));

/** The digest of a package's content that was computed before. */
function readKnown(input: ProvidingInput, identity: readonly unknown[]): string | undefined {
  try {
    return /^[0-9a-f]{64}$/.exec(readFileSync(knownFile(input, identity), 'latin1'))?.[0];
  } catch {
    return undefined;
  }
}

function noteKnown(input: ProvidingInput, identity: readonly unknown[], content: string): string {
  mkdirSync(join(input.store.path, 'known'), { recursive: true });
  replaceFile(knownFile(input, identity), content);
  return content;
}
