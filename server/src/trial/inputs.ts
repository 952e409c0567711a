import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { distfileFolders } from '../evaluation/work-folder.ts';
import { type Configuration, readConfiguration } from '../host/configuration.ts';
import { readInstalledPackages } from '../installed/installation.ts';
import { listVdb } from '../installed/vdb-folder.ts';
import { computeVisibleSet } from '../installed/visible-set.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { parseDependency } from '../pms/dependency.ts';
import { BUILD_VARIABLES } from '../pms/dependency-variable.ts';
import { packageId } from '../pms/package-id.ts';
import { evaluateUse } from '../pms/use.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';

/** What must be known of a trial in order to read its inputs again; plain data, kept with its record. */
export interface InputBasis {
  /** Every eclass, direct or not. */
  readonly inherited: readonly string[];
  /** File names. */
  readonly distfiles: readonly string[];
  /** The enabled flags of each state that was tried, which decide what of the next two is active. */
  readonly states: readonly (readonly string[])[];
  readonly dependencies: EvaluatedMetadata['dependencies'];
  /** Atoms of @system. */
  readonly system: readonly string[];
  /** Ids of the packages that own what the package manager runs. */
  readonly programs: readonly string[];
  /** Ids of the hidden packages that the build was tried with. */
  readonly probed: readonly string[];
  /**
   * Which installed packages the outcome rests on. A build that passed and found nothing missing depends on those that it could see. Any
   * other would perhaps end otherwise after whatever is merged: the file that it lacks may have an owner then.
   */
  readonly packages: 'visible' | 'all';
}

/** A digest of each kind of input, by the words for it in a sentence such as "… has changed". */
export type Inputs = Readonly<Record<InputName, string>>;
export type InputName =
  | 'the folder of the package'
  | 'an eclass'
  | 'a distfile'
  | 'the configuration'
  | 'an installed package';

/** What a trial rests on, as it is now. */
export interface CurrentInputs {
  readonly inputs: Inputs;
  /** When any of it but the folder of the package was last changed, as far as the file system knows; milliseconds since the epoch. */
  readonly changed: number;
}

/** A digest that grows by what is read, and remembers how young that is. */
interface Fingerprint {
  add(line: string): void;
  /** Adds what a path is by size and time, or that it is not there. */
  addStatus(path: string): void;
  /** Adds what a file holds, or that it cannot be read. */
  addContent(path: string): void;
  /** Counts a folder's own changes only for {@link CurrentInputs.changed}. */
  watch(path: string): void;
  digest(): string;
  readonly changed: number;
}

function createFingerprint(): Fingerprint {
  const hash = createHash('sha256');
  let changed = 0;
  const look = (path: string) => {
    const stats = statSync(path, { throwIfNoEntry: false });
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
    addContent(path) {
      add(`${path}\0${look(path) === undefined ? 'absent' : contentDigest(path)}`);
    },
    watch: (path) => void look(path),
    digest: () => hash.digest('hex'),
    get changed() {
      return changed;
    },
  };
}

function contentDigest(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return 'unreadable';
  }
}

/**
 * Reads what a trial rests on besides its {@link Question}. Nothing of an ebuild is run, and no package manager is started.
 *
 * @param home the state folder, for what is kept of the VDB and for its distfiles
 * @throws what the file system says when a folder that is there cannot be read
 */
export async function readInputs(
  root: string,
  home: string,
  location: EbuildLocation,
  basis: InputBasis,
): Promise<CurrentInputs> {
  const configuration = await readConfiguration(root, location.repository);
  const parts = {
    'an eclass': fingerprintEclasses(basis.inherited, configuration),
    'a distfile': fingerprintDistfiles(basis.distfiles, distfileFolders(configuration.layout, home)),
    'an installed package': await fingerprintPackages(root, join(home, 'index'), basis),
  };
  const digests = Object.entries(parts).map(([name, part]) => [name, part.digest()]);
  return {
    inputs: {
      ...Object.fromEntries(digests),
      'the folder of the package': readFolderDigest(location),
      'the configuration': configuration.fingerprint,
    } as Inputs,
    changed: Math.max(configuration.changed, ...Object.values(parts).map(({ changed }) => changed)),
  };
}

/** Ebuilds, of which only the text that was asked about counts, and what nobody builds with, such as an editor's own files. */
const NO_INPUT = /^\.|~$|\.ebuild$|^metadata\.xml$/;

/**
 * A digest of everything in the package's folder that a build may use, besides the ebuild.
 *
 * @throws what the file system says when a folder cannot be read
 */
export function readFolderDigest({ repository, category, packageName }: EbuildLocation): string {
  const fingerprint = createFingerprint();
  const visit = (path: string, isTop: boolean): void => {
    const entries: Dirent[] = readdirSync(path, { withFileTypes: true });
    for (const { name } of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      if (isTop && NO_INPUT.test(name)) continue;
      const inner = join(path, name);
      const stats = statSync(inner, { throwIfNoEntry: false });
      if (stats?.isDirectory() === true) visit(inner, false);
      // What is neither file nor folder, a FIFO say, is no part of a trial and would not end when read.
      else if (stats?.isFile() === true) fingerprint.addContent(inner);
    }
  };
  visit(join(repository, category, packageName), true);
  return fingerprint.digest();
}

/** Every file that could be one of the eclasses: a new one in an overlay counts as a change of what was not there. */
function fingerprintEclasses(
  inherited: readonly string[],
  { repositories }: Pick<Configuration, 'repositories'>,
): Fingerprint {
  const fingerprint = createFingerprint();
  for (const repository of repositories) {
    fingerprint.watch(join(repository, 'eclass'));
    for (const name of [...inherited].sort())
      fingerprint.addContent(join(repository, 'eclass', `${name}.eclass`));
  }
  return fingerprint;
}

/** By size and time: distfiles are large, and the package manager proves their content with the Manifest, which counts by content. */
function fingerprintDistfiles(names: readonly string[], folders: readonly string[]): Fingerprint {
  const fingerprint = createFingerprint();
  for (const name of [...names].sort())
    for (const folder of folders) fingerprint.addStatus(join(folder, name));
  return fingerprint;
}

async function fingerprintPackages(
  root: string,
  cacheFolder: string,
  basis: InputBasis,
): Promise<Fingerprint> {
  const vdb = join(root, 'var/db/pkg');
  const { packages: folders } = await listVdb(vdb);
  const fingerprint = createFingerprint();
  // These change with whatever is merged or unmerged.
  for (const category of new Set(folders.map((folder) => folder.category)))
    fingerprint.watch(join(vdb, category));
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const addPackage = (id: string, how: string) => {
    const folder = byId.get(id);
    fingerprint.add(`${id} ${how} ${folder?.facts.join(' ')}`);
  };
  if (basis.packages === 'all') {
    for (const { id } of folders) addPackage(id, '');
    return fingerprint;
  }
  const { packages } = await readInstalledPackages(root, cacheFolder);
  const programs = new Set(basis.programs);
  const declared = BUILD_VARIABLES.flatMap((variable) => parseDependency(basis.dependencies[variable]).nodes);
  for (const use of basis.states) {
    const visible = computeVisibleSet({
      packages,
      declared: evaluateUse(declared, use),
      system: basis.system,
      packageManager: packages.filter((one) => programs.has(packageId(one))),
      revealed: [],
    });
    for (const [one, { visibility, reason }] of visible)
      if (visibility !== 'hidden') addPackage(packageId(one), `${visibility} ${reason}`);
  }
  for (const id of basis.probed) addPackage(id, 'probed');
  return fingerprint;
}

/** The first input that is no longer what it was, or undefined. */
export function findChange(before: Inputs, now: Inputs): InputName | undefined {
  return (Object.keys(now) as InputName[]).find((name) => before[name] !== now[name]);
}
