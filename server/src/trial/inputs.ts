import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { distfileFolders } from '../evaluation/distfile-folders.ts';
import { isSeenByBuilds } from '../evaluation/package-copy.ts';
import { fingerprintFile, leadsOut } from '../files/regular-file.ts';
import { type Configuration, readConfiguration } from '../host/configuration.ts';
import { digestOf } from '../host/digest.ts';
import { digestOwners } from '../host/named-owners.ts';
import { createIsOwned, type NamedPaths, readPathState } from '../host/named-paths.ts';
import { readRootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import { readInstalledPackages } from '../installed/installation.ts';
import { listVdb, type PackageFolder } from '../installed/vdb-folder.ts';
import {
  closeOverRuntime,
  computeVisibleSet,
  findInstalled,
  groupByName,
  isStandIn,
} from '../installed/visible-set.ts';
import { namedSources, readSourcesAgain, type SourceState } from '../layers/source-state.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { collectAtoms, parseDependency } from '../pms/dependency.ts';
import { type DependencyVariable, RUNTIME_VARIABLES } from '../pms/dependency-variable.ts';
import { packageId } from '../pms/package-id.ts';
import { evaluateUse } from '../pms/use.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';

/** The facts of a trial from which its inputs can be read again. Plain data, kept with its record. */
export interface InputBasis {
  /** Every eclass, direct or not. */
  readonly inherited: readonly string[];
  /** File names. */
  readonly distfiles: readonly string[];
  /** The enabled flags of each USE state that was tried, which decide the active atoms of `dependencies`. */
  readonly states: readonly (readonly string[])[];
  readonly dependencies: EvaluatedMetadata['dependencies'];
  /** Atoms of @system. */
  readonly system: readonly string[];
  /** Ids of the packages that own the package manager's programs. */
  readonly programs: readonly string[];
  /** Ids of the hidden packages that were shown to a build. */
  readonly probed: readonly string[];
  /**
   * The installed packages that are inputs. A build that passed with nothing missing depends on those that it could see, on those that the
   * installed package needs, and on those that decide which atom is suggested. Any other build may end differently after any merge, because
   * the file that it lacks may have an owner then.
   */
  readonly packages: 'visible' | 'all';
  /** The places that binary packages were chosen from; absent: none was needed. */
  readonly binaryPackages?: SourceState;
  /** The paths of this machine that the trial named. */
  readonly named: NamedPaths;
  /** See {@link CurrentInputs.installed}; undefined if the paths were named just now. */
  readonly installed: string | undefined;
  /** Who owned the named paths, see `digestOwners`; absent: it does not matter. It is read again only after a merge. */
  readonly owners?: string;
}

/** What {@link readInputs} needs to know. */
export interface AskedInputs extends Omit<InputBasis, 'packages'> {
  /** See {@link InputBasis}; ids: those of these packages that are installed. */
  readonly packages: InputBasis['packages'] | ReadonlySet<string>;
}

/** A digest of each kind of input, by its name in a sentence such as "… has changed". */
export type Inputs = Readonly<
  Record<Exclude<InputName, 'a binary package'>, string> & { 'a binary package'?: string }
>;
export type InputName =
  | 'the folder of the package'
  | 'an eclass'
  | 'a distfile'
  | 'the configuration'
  | 'an installed package'
  | 'a binary package'
  | 'a file of the system';

/** The part of a world that has the inputs of its trials; `home` has the index of the VDB, and distfiles. */
export type InputWorld = Pick<TrialWorld, 'rootPath' | 'home' | 'packageFolders' | 'binhosts'>;

/** The current inputs of a trial. */
export interface CurrentInputs {
  readonly inputs: Inputs;
  /** Time of the last change of any input except the folder of the package, in milliseconds since the epoch. */
  readonly changed: number;
  /** A digest of all installed packages. If it is the same, so are the owners of all files. */
  readonly installed: string;
}

/** A digest of files, with the time of their last change. */
interface Fingerprint {
  add(line: string): void;
  /** Adds the size and time of a path, or its absence. */
  addStatus(path: string): void;
  /** Adds the content of a file, or its identity if it leads out of the repository. */
  addContent(path: string, repository: string): void;
  /** Adds a folder to {@link CurrentInputs.changed}, but not to the digest. */
  watch(path: string): void;
  digest(): string;
  readonly changed: number;
}

function createFingerprint(): Fingerprint {
  const hash = createHash('sha256');
  let changed = 0;
  const look = (path: string) => {
    const stats = statusOf(path);
    changed = Math.max(changed, stats?.ctimeMs ?? 0);
    return stats;
  };
  const add = (line: string) => void hash.update(`${line}\n`);
  return {
    add,
    addStatus(path) {
      const stats = look(path);
      add(`${path}\0${stats === undefined ? 'absent' : `${stats.size} ${stats.mtimeMs}`}`);
    },
    addContent(path, repository) {
      add(`${path}\0${look(path) === undefined ? 'absent' : fingerprintFile(path, [repository], sha256)}`);
    },
    watch: (path) => void look(path),
    digest: () => hash.digest('hex'),
    get changed() {
      return changed;
    },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Reads the inputs of a trial, apart from its {@link Question}. No code of an ebuild is run, and no package manager is started.
 *
 * @throws an error of the file system if an existing folder cannot be read
 */
export async function readInputs(
  world: InputWorld,
  location: EbuildLocation,
  basis: AskedInputs,
): Promise<CurrentInputs> {
  const { rootPath: root, home } = world;
  const configuration = await readConfiguration(root, location.repository);
  const { packages: folders } = await listVdb(join(root, 'var/db/pkg'));
  const installed = digestOf(folders.map(({ id, facts }) => [id, facts]));
  const parts = {
    'an eclass': fingerprintEclasses(basis.inherited, configuration),
    'a distfile': fingerprintDistfiles(basis.distfiles, distfileFolders(configuration.layout, home)),
    'an installed package': await fingerprintPackages(root, join(home, 'index'), folders, basis, location),
  };
  const { binaryPackages } = basis;
  const areOwnersSame = basis.installed === undefined || basis.installed === installed;
  const readRoot = () => readRootState(root, join(home, 'index'));
  const named = await readPathState(basis.named, async () => createIsOwned(await readRoot()), areOwnersSame);
  const owners =
    areOwnersSame || basis.owners === undefined
      ? basis.owners
      : await digestOwners(basis.named, await readRoot());
  const digests = Object.entries(parts).map(([name, part]) => [name, part.digest()]);
  return {
    inputs: {
      ...Object.fromEntries(digests),
      ...(binaryPackages !== undefined && {
        'a binary package': readSourcesAgain(binaryPackages, namedSources(world)).digest,
      }),
      'the folder of the package': readFolderDigest(location),
      'the configuration': configuration.fingerprint,
      'a file of the system': digestOf([named.digest, owners]),
    } as Inputs,
    changed: Math.max(
      configuration.changed,
      named.changed,
      ...Object.values(parts).map(({ changed }) => changed),
    ),
    installed,
  };
}

/**
 * Makes a digest of everything in the package's folder that a build may use, except the ebuild.
 *
 * @throws an error of the file system if a folder cannot be read
 */
export function readFolderDigest({ repository, category, packageName }: EbuildLocation): string {
  const fingerprint = createFingerprint();
  const seen = new Set<string>();
  const visit = (path: string, isTop: boolean): void => {
    // A link may lead to a folder above it.
    const real = realpathSync(path);
    if (seen.has(real)) return;
    seen.add(real);
    const entries: Dirent[] = readdirSync(path, { withFileTypes: true });
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const { name } = entry;
      if (isTop && !isSeenByBuilds(name)) continue;
      const inner = join(path, name);
      // A trial finds it missing.
      if (leadsOut(inner, [repository])) continue;
      const isLink = entry.isSymbolicLink();
      if (isLink) fingerprint.add(`${inner} is a link to ${readlinkSync(inner)}`);
      const stats = isLink ? statSync(inner, { throwIfNoEntry: false }) : entry;
      if (stats?.isDirectory() === true) visit(inner, false);
      // A FIFO or the like is not copied into a trial, and reading it would not end.
      else if (stats?.isFile() === true) fingerprint.addContent(inner, repository);
    }
  };
  visit(join(repository, category, packageName), true);
  return fingerprint.digest();
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A circular link.
    return undefined;
  }
}

/** Adds every path at which an eclass may be, because an overlay may add the eclass later. */
function fingerprintEclasses(
  inherited: readonly string[],
  { repositories }: Pick<Configuration, 'repositories'>,
): Fingerprint {
  const fingerprint = createFingerprint();
  for (const repository of repositories) {
    fingerprint.watch(join(repository, 'eclass'));
    for (const name of [...inherited].sort())
      fingerprint.addContent(join(repository, 'eclass', `${name}.eclass`), repository);
  }
  return fingerprint;
}

/** Adds sizes and times only: distfiles are large, and the package manager checks their content with the Manifest, which is an input. */
function fingerprintDistfiles(names: readonly string[], folders: readonly string[]): Fingerprint {
  const fingerprint = createFingerprint();
  for (const name of [...names].sort())
    for (const folder of folders) fingerprint.addStatus(join(folder, name));
  return fingerprint;
}

async function fingerprintPackages(
  root: string,
  cacheFolder: string,
  folders: readonly PackageFolder[],
  basis: AskedInputs,
  location: EbuildLocation,
): Promise<Fingerprint> {
  const vdb = join(root, 'var/db/pkg');
  const fingerprint = createFingerprint();
  // Each merge and unmerge changes the folder of a category.
  for (const category of new Set(folders.map((folder) => folder.category)))
    fingerprint.watch(join(vdb, category));
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const ids = folders.map(({ id }) => id);
  const { uses, alike } = await listInputPackages(root, cacheFolder, ids, basis, location);
  for (const { id, how } of uses) fingerprint.add(`${id} ${how} ${byId.get(id)?.facts.join(' ')}`);
  for (const [name, versions] of alike) fingerprint.add(`${name} ${versions.join(' ')}`);
  return fingerprint;
}

/** The installed packages that are inputs of a trial. */
export interface InputPackages {
  /** In the order in which they were found; a package may be in several roles. */
  readonly uses: readonly { readonly id: string; readonly how: string }[];
  /** The ids of all installed versions of a package, by its category/name. */
  readonly alike: ReadonlyMap<string, readonly string[]>;
}

/**
 * Lists the installed packages that are inputs of a trial; see {@link InputBasis}.
 *
 * @param ids of all installed packages
 */
export async function listInputPackages(
  root: string,
  cacheFolder: string,
  ids: readonly string[],
  basis: Pick<AskedInputs, 'packages' | 'programs' | 'states' | 'dependencies' | 'system' | 'probed'>,
  { category, packageName }: Pick<EbuildLocation, 'category' | 'packageName'>,
): Promise<InputPackages> {
  const asked = basis.packages;
  if (asked !== 'visible') {
    const chosen = asked === 'all' ? ids : ids.filter((id) => asked.has(id));
    return { uses: chosen.map((id) => ({ id, how: '' })), alike: new Map() };
  }
  const uses: { readonly id: string; readonly how: string }[] = [];
  const { packages } = await readInstalledPackages(root, cacheFolder);
  const lookup = groupByName(packages);
  const programs = new Set(basis.programs);
  for (const use of basis.states) {
    const active = (variable: DependencyVariable) =>
      evaluateUse(parseDependency(basis.dependencies[variable]).nodes, use);
    const runtime = collectAtoms(RUNTIME_VARIABLES.flatMap(active)).map(({ atom }) => atom);
    for (const installed of closeOverRuntime(findInstalled(runtime, lookup), lookup))
      uses.push({ id: packageId(installed), how: 'needed to run' });
    const visible = computeVisibleSet({
      packages,
      declared: { depend: active('DEPEND'), bdepend: active('BDEPEND') },
      system: basis.system,
      packageManager: packages.filter((installed) => programs.has(packageId(installed))),
      revealed: [],
      itself: `${category}/${packageName}`,
    });
    for (const [installed, { visibility, reason }] of visible)
      if (visibility !== 'hidden') uses.push({ id: packageId(installed), how: `${visibility} ${reason}` });
  }
  for (const id of basis.probed) uses.push({ id, how: 'probed' });
  // An atom names the virtual of a package if there is one, and a slot if several are installed.
  for (const installed of packages)
    if (isStandIn(installed)) uses.push({ id: packageId(installed), how: 'stand-in' });
  const added = new Set(uses.map(({ id }) => id));
  const names = packages
    .filter((installed) => added.has(packageId(installed)))
    .map((installed) => `${installed.category}/${installed.name}`);
  const alike = new Map(
    [...new Set(names)].map((name) => [name, (lookup.get(name) ?? []).map(packageId)] as const),
  );
  return { uses, alike };
}

/** Finds the first input that has changed; undefined if none has. */
export function findChange(before: Inputs, now: Inputs): InputName | undefined {
  return (Object.keys(now) as InputName[]).find((name) => before[name] !== now[name]);
}
