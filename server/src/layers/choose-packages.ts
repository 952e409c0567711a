import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { openAnswerStore } from '../evaluation/answer-store.ts';
import { runInFullView } from '../evaluation/evaluate.ts';
import type { WorkFolder } from '../evaluation/work-folder.ts';
import { digestOf } from '../host/digest.ts';
import type { RootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import { locateOnMachine } from '../installed/root-layout.ts';
import {
  type ChosenPackage,
  type PackageReader,
  type PackageSources,
  type Resolution,
  resolutionSchema,
  sourcesSchema,
} from '../package-manager/package-reader.ts';
import type { PackageManagerFiles, UseSetting } from '../package-manager/port.ts';
import type { BinhostIndex } from './binhost.ts';
import { hidePassword } from './remote-file.ts';

/** An ebuild, and what its package manager is asked with. */
export interface AskedEbuild {
  readonly world: Pick<TrialWorld, 'sandbox' | 'home' | 'binhosts' | 'layerBytes'>;
  readonly root: RootState;
  readonly folder: WorkFolder;
  readonly tools: PackageReader;
  readonly files: PackageManagerFiles;
  readonly use: UseSetting;
  /** The atoms that nothing installed satisfies. */
  readonly missing: readonly string[];
  /** The enabled flags of the ebuild. */
  readonly enabled: readonly string[];
  /** A digest of the configuration, of the installed packages, and of the ebuild's dependencies. */
  readonly digest: string;
}

/** Where the sandbox shows all package folders as one, and indexes of binhosts. */
const FOLDER_PLACE = '/var/ebuild-audit-packages';
const INDEX_PLACE = '/var/ebuild-audit-indexes';

/** In milliseconds. Portage takes seconds, and minutes in the worst cases. */
const RESOLVING_TIME = 10 * 60 * 1000;

/** Asks the package manager where the configuration looks for binary packages, or answers from the last time. */
export async function readSources(asked: AskedEbuild, configuration: string): Promise<PackageSources> {
  const { world, root, folder, tools, files } = asked;
  const store = openAnswerStore(join(world.home, 'answers'));
  const binhosts = world.binhosts ?? [];
  const key = digestOf(['package sources 2', configuration, binhosts]);
  const kept = sourcesSchema.safeParse(store.read(key));
  if (kept.success) return kept.data;
  const { output } = await runInFullView(world.sandbox, {
    root,
    folder,
    files,
    command: tools.sources(binhosts),
    time: RESOLVING_TIME,
  });
  const sources = tools.readSources(output);
  // Others may read the answers that are kept.
  if (sources.binhosts.every(({ uri }) => hidePassword(uri) === uri)) store.write(key, sources);
  return sources;
}

/**
 * Lets the package manager choose the binary packages that an ebuild needs, or answers from the last time with the same packages.
 *
 * @param folders package folders of this machine; of two with the same package, the earlier wins
 * @param foldersDigest see `FolderState`
 * @returns the files of the chosen packages are paths of this machine
 * @throws UserError if the package manager cannot say it
 */
export async function choosePackages(
  asked: AskedEbuild,
  folders: readonly string[],
  foldersDigest: string,
  indexes: readonly BinhostIndex[],
): Promise<Resolution> {
  const { world, root, folder, tools, files, use } = asked;
  const store = openAnswerStore(join(world.home, 'answers'));
  // Two binhosts may have the same index, and an answer names one of them.
  const state = [foldersDigest, indexes.map(({ uri, digest }) => [uri, digest])];
  const key = digestOf(['chosen packages 4', asked.digest, use, state]);
  const kept = resolutionSchema.safeParse(store.read(key));
  if (kept.success) return kept.data;
  const [lowest, ...over] = folders.toReversed();
  const shown = indexes.map(({ uri, file }, number) => ({ uri, place: `${INDEX_PLACE}/${number}`, file }));
  const { output } = await runInFullView(world.sandbox, {
    root,
    folder,
    files,
    command: tools.resolve(
      {
        ebuild: folder.paths.ebuild,
        repository: folder.paths.repository,
        atoms: asked.missing,
        enabled: asked.enabled,
        folder: FOLDER_PLACE,
        isIndexed: over.length === 0 && existsSync(join(lowest ?? '', 'Packages')),
        binhosts: world.binhosts ?? [],
        indexes: shown.map(({ uri, place }) => ({ uri, file: place })),
      },
      use,
    ),
    time: RESOLVING_TIME,
    more: {
      overlays: lowest === undefined ? [] : [{ source: lowest, over, target: FOLDER_PLACE, hidden: [] }],
      binds: shown.map(({ place, file }) => ({ source: file, target: place, writable: false })),
    },
  });
  const resolution = tools.readResolution(output);
  const choice = {
    ...resolution,
    packages: resolution.packages.map((chosen) => locate(chosen, folders)),
    unreadable: resolution.unreadable.map(({ file, reason }) => ({
      file: locateFile(file, folders) ?? file,
      reason: reason.replace(file, '').replace(/[\s:]+$/, ''),
    })),
  };
  store.write(key, choice);
  return choice;
}

/** Whether a file of a package folder is named for a package (GLEP 78 and before). */
export function isFileOf(file: string, name: string): boolean {
  return file.includes(`/${name}/`) || file.includes(`/${name}-`);
}

/** A package of the package folder with its path on this machine. */
function locate(chosen: ChosenPackage, folders: readonly string[]): ChosenPackage {
  const { file } = chosen;
  if (file === undefined) return chosen;
  const found = locateFile(file, folders);
  if (found === undefined)
    throw new UserError(`The binary package ${file} of ${chosen.id} is gone: run the trial again.`);
  return { ...chosen, file: found };
}

/** The path on this machine of a file in the sandbox's package folder. */
function locateFile(file: string, folders: readonly string[]): string | undefined {
  const inner = file.startsWith(`${FOLDER_PLACE}/`) ? file.slice(FOLDER_PLACE.length) : undefined;
  const folder = folders.find((path) => inner !== undefined && existsSync(path + inner));
  return folder === undefined ? undefined : folder + inner;
}

/** The package folders of this machine: that of the configuration, and others; those that exist. */
export function listFolders(
  root: RootState,
  sources: PackageSources,
  others: readonly string[],
): readonly string[] {
  const { packageFolder } = sources;
  const { layout } = root;
  const configured = locateOnMachine(layout, packageFolder) ?? join(layout.path, packageFolder);
  return [...new Set([...others, ...(packageFolder === '' ? [] : [configured])])].filter((path) =>
    existsSync(path),
  );
}
