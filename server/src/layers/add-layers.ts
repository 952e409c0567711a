import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedLayer } from '../audit/record.ts';
import type { WorkFolder } from '../evaluation/work-folder.ts';
import { removeTree } from '../files/remove-tree.ts';
import { readConfiguration } from '../host/configuration.ts';
import { digestOf } from '../host/digest.ts';
import type { RootState } from '../host/root-state.ts';
import { readStackedState, type Stack } from '../host/stacked-root.ts';
import type { TrialWorld } from '../host/world.ts';
import type { Installation } from '../installed/installation.ts';
import { findPackageManager } from '../package-manager/find.ts';
import type {
  ChosenPackage,
  LackingPackage,
  PackageSources,
  Resolution,
  UnreadablePackage,
} from '../package-manager/package-reader.ts';
import type { EvaluatedMetadata, PackageManager, UseSetting } from '../package-manager/port.ts';
import { nameInAtom } from '../pms/package-name.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { readIndexes } from './binhost.ts';
import { type AskedEbuild, choosePackages, isFileOf, listFolders, readSources } from './choose-packages.ts';
import { countJoined, joinLayers } from './join-layers.ts';
import { type Layer, openLayerStore } from './layer-store.ts';
import { readFolderState } from './package-folders.ts';
import { type ProvidingInput, provideLayers } from './provide-layer.ts';
import { pruneLayers } from './prune-layers.ts';
import { completeAddress } from './remote-address.ts';
import { settleStack } from './settle.ts';
import { digestSources, namedSources, type SourceState } from './source-state.ts';
import { digestStack, findStack, type KeptStack, keepStack, type StackParts } from './stack-store.ts';

/** An ebuild that has been evaluated, and the root that lacks something that it declares. */
export interface LayeringInput {
  readonly world: TrialWorld;
  /** As it was read from disk. */
  readonly root: RootState;
  readonly location: EbuildLocation;
  readonly folder: WorkFolder;
  readonly metadata: EvaluatedMetadata;
  /** The declared and active atoms that nothing installed satisfies. */
  readonly missing: readonly string[];
  readonly use: UseSetting;
  readonly signal: AbortSignal | undefined;
  /** Told what is being done, in a word or two. */
  onProgress(step: string): void;
}

/** A root with layers, or the reasons why it could not get them. */
export interface Layering {
  readonly root: RootState;
  /** What {@link root} was made of; undefined if there are no layers. */
  readonly stack: Stack | undefined;
  /** The binary packages that lie on the root, in the order of merging. */
  readonly layers: readonly RecordedLayer[];
  /** The dependencies that no binary package satisfies; if there are layers nevertheless, only RDEPEND and the like have them. */
  readonly lacking: readonly LackingPackage[];
  /** Whether there is any place to look for binary packages. */
  readonly hasSources: boolean;
  /** Whether binhosts are among them, readable or not. */
  readonly asksBinhosts: boolean;
  /** Sentences about what the layers lack. */
  readonly notes: readonly string[];
  /** Sentences about binhosts that could not be read. */
  readonly problems: readonly string[];
  /** Files of packages that decide on the layers. */
  readonly unreadable: readonly UnreadablePackage[];
  /** What the choice of the layers depends on, besides the root and the ebuild. */
  readonly sources: SourceState;
  /** Lets the layers be removed from the store again. */
  release(): void;
}

/**
 * Puts the binary packages that an ebuild needs on a root that lacks them. Nothing of the root is changed.
 *
 * @returns undefined if there is no Portage, which alone reads binary packages
 * @throws UserError if a binary package or a binhost cannot be used, SandboxError if the sandbox cannot run, and the signal's reason
 */
export async function addLayers(input: LayeringInput): Promise<Layering | undefined> {
  const { world, root, location, folder, metadata, use, signal } = input;
  const portage = findPortage(world);
  if (portage?.packageReader === undefined) return undefined;
  const { files, packageReader: tools } = portage;
  const { fingerprint } = await readConfiguration(root.layout.path, location.repository);
  const configuration = digestOf([root.layout.path, portage.version, fingerprint]);
  const { category, packageAndVersion } = location;
  const installed = root.packages.map(({ category: of, name, version, slot, use: flags }) => [
    of,
    name,
    version,
    slot,
    flags,
  ]);
  const asked: AskedEbuild = {
    world,
    root,
    folder,
    tools,
    files,
    use,
    missing: input.missing,
    enabled: metadata.use,
    digest: digestOf([configuration, category, packageAndVersion, installed, metadata]),
  };
  input.onProgress('choosing binary packages');
  const sources = await readSources(asked, configuration);
  const folders = listFolders(root, sources, world.packageFolders ?? []);
  const indexes = await readIndexes(sources.binhosts, { home: world.home, signal });
  const present = readFolderState(folders);
  const choice = await choosePackages(asked, folders, present.digest, indexes.read);
  const names = listNames(input.missing, choice);
  const state = digestSources(folders, indexes.read, names, namedSources(world));
  const outcome = {
    root,
    stack: undefined,
    layers: [],
    lacking: choice.lacking,
    hasSources: present.count > 0 || sources.binhosts.length > 0,
    asksBinhosts: sources.binhosts.length > 0,
    notes: [],
    problems: indexes.problems,
    unreadable: choice.unreadable.filter(({ file }) => names.some((name) => isFileOf(file, name))),
    sources: state,
    release: () => {},
  };
  if (!choice.success || choice.packages.length === 0) return outcome;
  return { ...outcome, ...(await stackPackages(input, asked, choice, sources, configuration)) };
}

/** The names of the packages that decide which layers there are. */
function listNames(missing: readonly string[], { packages, lacking }: Resolution): readonly string[] {
  const atoms = [...missing, ...lacking.map(({ atom }) => atom), ...packages.map(({ id }) => `=${id}`)];
  return [...new Set(atoms.flatMap((atom) => nameInAtom(atom) ?? []))].sort();
}

/** The Portage that reads binary packages: that which builds, or another. */
function findPortage({ packageManager, home, rootPath }: TrialWorld): PackageManager | undefined {
  if (packageManager.packageReader !== undefined) return packageManager;
  try {
    return findPackageManager(rootPath, home, 'portage');
  } catch {
    return undefined;
  }
}

async function stackPackages(
  input: LayeringInput,
  { world, root, tools, files }: AskedEbuild,
  choice: Resolution,
  sources: PackageSources,
  configuration: string,
): Promise<Pick<Layering, 'root' | 'stack' | 'layers' | 'notes' | 'release'>> {
  const store = await openLayerStore(world.home);
  const providing: ProvidingInput = {
    world,
    root,
    tools,
    files,
    store,
    signatures: sources.signatures,
    signal: input.signal,
  };
  const chosen = choice.packages.map((found) => completeAddress(found, sources.binhosts));
  const layers = await provideLayers(providing, chosen, input.onProgress);
  const parts: StackParts = { layers, removed: choice.removed, base: configuration };
  const known = findStack(store, parts);
  const { kept, added } =
    known === undefined ? await makeStack(providing, parts, input) : { kept: known, added: undefined };
  // Those of this trial are used by now.
  if (store.hasGrown() && world.layerBytes !== undefined) pruneLayers(world.home, world.layerBytes);
  const notes = [...kept.notes, ...layers.flatMap(describeLeftOut)];
  const { digest, layers: folders, cacheFolder, removed } = kept;
  return {
    root: await readStackedState(root, kept, added),
    stack: { digest, layers: folders, cacheFolder, removed },
    layers: layers.map(({ id, tree }, number) => ({
      id,
      binhost: hostOf(choice.packages[number]),
      digest: tree,
    })),
    notes,
    release: kept.release,
  };
}

const hostOf = (chosen: ChosenPackage | undefined): string => chosen?.remote?.binhost ?? '';

function describeLeftOut({ id, leftOut }: Layer): string[] {
  return leftOut.length === 0
    ? []
    : [`the binary package of ${id} was used without ${leftOut.slice(0, 3).join(', ')}`];
}

/** Makes a stack of layers that have not lain on each other before. */
async function makeStack(
  providing: ProvidingInput,
  parts: StackParts,
  { root, onProgress }: LayeringInput,
): Promise<{ readonly kept: KeptStack; readonly added: Installation | undefined }> {
  onProgress('running the scripts of binary packages');
  const { store } = providing;
  const work = store.makeWork('settle');
  let added: Installation;
  try {
    chmodSync(work, 0o755);
    const [effects, cacheFolder] = ['effects', 'index'].map((name) => join(work, name)) as [string, string];
    for (const folder of [effects, cacheFolder]) mkdirSync(folder);
    const { layers, joined } = await joinLowest(parts.layers, join(work, 'joined'));
    const digest = digestStack(parts);
    const stacked = await readStackedState(root, { digest, layers, cacheFolder, removed: parts.removed });
    added = stacked.added;
    const ids = parts.layers.map(({ id }) => id);
    // The index is written for later trials while the scripts run. Neither writes any more when one of them has failed.
    const writing = [
      settleStack({ ...providing, root: stacked, ids, work }, effects),
      stacked.saved,
    ] as const;
    await Promise.allSettled(writing);
    const [notes] = await Promise.all(writing);
    keepStack(store, parts, { effects, index: cacheFolder, notes, ...(joined !== undefined && { joined }) });
  } finally {
    await removeTree(work);
  }
  const kept = findStack(store, parts);
  if (kept === undefined) throw new Error('the stack that was just made is gone');
  return { kept, added };
}

/** The folders of layers, of which the lowest have become one if there are more than can be mounted. */
async function joinLowest(layers: readonly Layer[], folder: string) {
  const all = layers.map((layer) => layer.folder);
  const count = countJoined(all.length);
  if (count === 0) return { layers: all };
  mkdirSync(folder);
  await joinLayers(all.slice(0, count), folder);
  return { layers: [folder, ...all.slice(count)], joined: { folder, count } };
}
