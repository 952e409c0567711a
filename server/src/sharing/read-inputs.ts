import { join } from 'node:path';
import { distfileFolders } from '../evaluation/distfile-folders.ts';
import { readConfiguration } from '../host/configuration.ts';
import { digestOf } from '../host/digest.ts';
import { PRODUCT_VERSION } from '../host/product-version.ts';
import { type RootState, readRootState } from '../host/root-state.ts';
import { scanContents } from '../installed/contents.ts';
import { readVdbFile } from '../installed/vdb.ts';
import { listVdb, type PackageFolder } from '../installed/vdb-folder.ts';
import { packageId } from '../pms/package-id.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { findFamily, type Repository, readRepository } from '../repository/repository.ts';
import { listInputPackages } from '../trial/inputs.ts';
import { FORMAT, type StoredTrial, type TrialExtent } from '../trial/records/record-file.ts';
import { sha256 } from './canonical-json.ts';
import type { PortableBasis, PortableInputs, PortablePackage, PortableQuestion } from './portable-inputs.ts';
import { readConfigurationDigests } from './read-configuration.ts';
import { readDistfiles, readEclasses, readPackageFolder } from './read-files.ts';
import { type NamePlaces, readNamedState, toPortableNames } from './read-names.ts';

/** The inputs of a trial as they are on this machine. */
export interface InputsHere {
  readonly inputs: PortableInputs;
  /** The ids of all installed packages. */
  readonly installed: readonly string[];
  /** See `NamedState`. */
  readonly appeared: readonly string[];
}

/** Reads portable inputs of one root. It remembers the files of packages while it is used, so it must not outlive a command. */
export interface InputsReader {
  /** The facts from which another machine reads its inputs. */
  basisOf(location: EbuildLocation, stored: StoredTrial): Promise<PortableBasis>;
  /** @throws an error of the file system if an existing folder cannot be read */
  read(
    location: EbuildLocation,
    question: PortableQuestion,
    extent: TrialExtent,
    basis: PortableBasis,
  ): Promise<InputsHere>;
}

/** The question of an ebuild with a text. @param packageManager name and version */
export function askPortably(
  { repository, category, packageAndVersion }: EbuildLocation,
  bareText: string,
  packageManager: string,
): PortableQuestion {
  return {
    category,
    packageAndVersion,
    repository: readRepository(repository, () => {}).name,
    text: sha256(bareText),
    packageManager,
    product: PRODUCT_VERSION,
    recordFormat: FORMAT,
  };
}

/** @param root and @param home as absolute paths of this machine */
export function createInputsReader(root: string, home: string): InputsReader {
  const filesOf = createFilesDigest();
  const readRoot = createRootReader(root, home);
  const readSettings = createSettingsReader(root);

  return {
    async basisOf(location, { basis }) {
      const { state } = await readRoot();
      const { repositories } = await readSettings(location);
      const { named, installed: _, owners: __, binaryPackages: ___, ...rest } = basis;
      return { ...rest, named: toPortableNames(named, { state, repositories }) };
    },

    async read(location, question, extent, basis) {
      const { state, folders } = await readRoot();
      const { repositories, family, configuration } = await readSettings(location);
      const ids = folders.map(({ id }) => id);
      const { uses, alike } = await listInputPackages(root, join(home, 'index'), ids, basis, location);
      const roles = new Map<string, Set<string>>([...alike.values()].flat().map((id) => [id, new Set()]));
      for (const { id, how } of uses) roles.set(id, (roles.get(id) ?? new Set()).add(how));
      const describe = createDescriber(state, folders, filesOf);
      const owners = basis.named.owners.filter((id) => !roles.has(id));
      const named = readNamedState(basis.named, { state, repositories });
      return {
        inputs: {
          question,
          extent,
          folder: readPackageFolder(location),
          eclasses: readEclasses(basis.inherited, family),
          distfiles: await readDistfiles(basis.distfiles, location, distfileFolders(state.layout, home)),
          configuration,
          packages: [...roles]
            .sort(([left], [right]) => (left < right ? -1 : 1))
            .flatMap(([id, how]) => describe(id, [...how].sort())),
          system: { digest: named.digest, packages: owners.flatMap((id) => describe(id, [])) },
        },
        installed: ids,
        appeared: named.appeared,
      };
    },
  };
}

/** What the files of a root and of an ebuild's repository say. */
interface Settings {
  readonly repositories: NamePlaces['repositories'];
  /** The ebuild's repository and its masters. */
  readonly family: readonly Repository[];
  readonly configuration: PortableInputs['configuration'];
}

/** Reads the settings for a repository again only if a time or size has changed. */
function createSettingsReader(root: string): (location: EbuildLocation) => Promise<Settings> {
  const known = new Map<string, Settings & { readonly fingerprint: string }>();
  return async ({ repository }) => {
    const { repositories, layout, fingerprint } = await readConfiguration(root, repository);
    const before = known.get(repository);
    if (before?.fingerprint === fingerprint) return before;
    const family = findFamily(repository, root, () => {}).repositories;
    const names = new Set(family.map(({ name }) => name));
    const settings = {
      fingerprint,
      family,
      repositories: repositories.map((path) => {
        const { name } = readRepository(path, () => {});
        return { path, name: names.has(name) ? name : undefined };
      }),
      configuration: readConfigurationDigests(root, layout, family),
    };
    known.set(repository, settings);
    return settings;
  };
}

/** Reads the state of a root again only if a package has changed. */
function createRootReader(root: string, home: string) {
  let known: { readonly key: string; readonly state: RootState } | undefined;
  return async (): Promise<{ readonly state: RootState; readonly folders: readonly PackageFolder[] }> => {
    const { packages: folders } = await listVdb(join(root, 'var/db/pkg'));
    const key = digestOf(folders.map(({ id, facts }) => [id, facts]));
    if (known?.key !== key) known = { key, state: await readRootState(root, join(home, 'index')) };
    return { state: known.state, folders };
  };
}

/** Makes a function that describes an installed package; it gives nothing for one that is not installed. */
function createDescriber(
  { packages }: RootState,
  folders: readonly PackageFolder[],
  filesOf: (folder: PackageFolder) => string,
): (id: string, roles: readonly string[]) => readonly PortablePackage[] {
  const installed = new Map(packages.map((known) => [packageId(known), known]));
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  return (id, roles) => {
    const [known, folder] = [installed.get(id), byId.get(id)];
    if (known === undefined || folder === undefined) return [];
    const { slot, subslot, use } = known;
    return [{ id, slot: `${slot}/${subslot}`, use: [...new Set(use)].sort(), files: filesOf(folder), roles }];
  };
}

/** Makes a function that gives the digest of the paths of a package's files, and remembers it while the package stays the same. */
function createFilesDigest(): (folder: PackageFolder) => string {
  const known = new Map<string, string>();
  return ({ path, facts }) => {
    const key = `${path} ${facts.join(' ')}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const bytes = readVdbFile(join(path, 'CONTENTS')) ?? Buffer.alloc(0);
    const lines: string[] = [];
    scanContents(bytes, (type, start, end) => lines.push(`${type} ${bytes.toString('latin1', start, end)}`));
    const digest = sha256(lines.sort().join('\n'));
    known.set(key, digest);
    return digest;
  };
}
