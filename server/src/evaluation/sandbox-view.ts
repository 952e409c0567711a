import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { decodePath, isPlainText } from '../files/path-bytes.ts';
import { type HiddenPaths, isHidden, listWhiteouts } from '../installed/hidden-paths.ts';
import { locateInBase, locateOnMachine, type RootLayout, type TopFolder } from '../installed/root-layout.ts';
import type { Command } from '../package-manager/command.ts';
import { PLAIN_ENVIRONMENT } from '../package-manager/plain-environment.ts';
import type { PackageManagerFiles } from '../package-manager/port.ts';
import { listNestedMounts } from '../sandbox/nested-mounts.ts';
import type { Bind, OverlayFolder, SandboxSpec } from '../sandbox/sandbox.ts';
import type { WorkFolder } from './work-folder.ts';

/**
 * The folders of /var that a package manager reads; the others are not shown. Repositories are bound one by one, because each may be a file
 * system of its own, which an overlay of the folder above would not show.
 */
const VAR_FOLDERS = ['/var/db/pkg', '/var/lib/portage'];

/** Folders in memory that a build may write to. Its work folder is on disk. */
const SCRATCH = ['/var/cache', '/var/log', '/var/tmp'];

/** A command in a root, and what it sees of it. */
export interface RootViewInput {
  readonly layout: RootLayout;
  readonly files: PackageManagerFiles;
  /** Repositories that must be visible, as paths in the sandbox. */
  readonly repositories: readonly string[];
  readonly hidden: HiddenPaths;
  readonly command: Command;
  readonly trace: boolean;
  /** See `SandboxSpec`. */
  readonly staging: string;
}

export interface ViewInput extends Omit<RootViewInput, 'staging'> {
  readonly folder: WorkFolder;
  /** A file that is shown in place of the ebuild; absent: the text under trial is. */
  readonly ebuild?: string;
  /** What else is shown; absent: nothing. */
  readonly more?: Pick<SandboxSpec, 'overlays' | 'binds'>;
}

/** A mount below a folder of the root. */
interface NestedMount extends TopFolder {
  readonly isFolder: boolean;
}

/**
 * Lists the mounts below the folders that are shown, because an overlay of the folder above would not show them. Mounts in hidden folders
 * are left out.
 */
function listMountsBelow(shown: readonly TopFolder[], hidden: HiddenPaths): readonly NestedMount[] {
  const mountinfo = decodePath(readFileSync('/proc/self/mountinfo'));
  return shown.flatMap(({ target, source }) => {
    const real = realpathSync(source);
    return listNestedMounts(mountinfo, real).flatMap((path): NestedMount[] => {
      const inner = target + path.slice(real === '/' ? 0 : real.length);
      const stats = isPlainText(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (!(stats?.isDirectory() || stats?.isFile()) || isHiddenWithFolders(hidden, inner)) return [];
      return [{ target: inner, source: path, isFolder: stats.isDirectory() }];
    });
  });
}

/** A folder below the top ones that is shown; undefined if the root has none. What a link of a layer leads to is never shown. */
function findShown(layout: RootLayout, target: string): TopFolder | undefined {
  const base = locateInBase(layout, target);
  const sources = [
    ...(base !== undefined && existsSync(base) ? [base] : []),
    ...(layout.layers?.foldersAt(target) ?? []),
  ];
  const [source, ...over] = sources;
  return source === undefined ? undefined : { target, source, over };
}

function isHiddenWithFolders(hidden: HiddenPaths, path: string): boolean {
  for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (isHidden(hidden, at)) return true;
  return false;
}

/** What a view shows of a root, without what only a command needs. */
export interface ShownRoot extends Pick<SandboxSpec, 'overlays' | 'links'> {
  /** Single files that are mounts of their own below the shown folders. */
  readonly files: readonly Bind[];
  /** Whether a path of the sandbox is in a shown folder. */
  isShown(path: string): boolean;
}

/** Describes what a view shows of a root less what is hidden. */
export function describeShownRoot(layout: RootLayout, hidden: HiddenPaths): ShownRoot {
  const top = layout.folders.filter(({ target }) => target !== '/var');
  const shown = [...top, ...VAR_FOLDERS.flatMap((target) => findShown(layout, target) ?? [])];
  const nested = listMountsBelow(shown, hidden);
  const mounts = nested
    .filter(({ isFolder }) => isFolder)
    .map((mount) => ({ ...mount, over: layout.layers?.foldersAt(mount.target) ?? [] }));
  const overlays = [...shown, ...mounts].map(
    ({ target, source, over = [] }): OverlayFolder => ({
      source,
      ...(over.length > 0 && { over }),
      target,
      hidden: listWhiteouts(hidden, target),
    }),
  );
  return {
    overlays,
    links: layout.links.map(({ path, target }) => ({ path, target })),
    files: nested
      .filter(({ isFolder }) => !isFolder)
      .map(({ target, source }) => ({ source, target, writable: false })),
    isShown: (path) => shown.some(({ target }) => path === target || path.startsWith(`${target}/`)),
  };
}

/** Describes the sandbox for one command in a root. Nothing on disk is writable in it. */
export function describeRoot(input: RootViewInput): SandboxSpec {
  const { layout } = input;
  const { overlays, links, files, isShown } = describeShownRoot(layout, input.hidden);
  const readOnly = (paths: readonly string[]): Bind[] =>
    paths.filter((path) => !isShown(path)).map((path) => ({ source: path, target: path, writable: false }));
  const repositories = [...new Set(input.repositories)].map((path) => {
    const place = locateOnMachine(layout, path);
    return { source: place !== undefined && existsSync(place) ? place : path, target: path, writable: false };
  });
  return {
    overlays,
    binds: [
      ...files,
      ...readOnly(input.files.binds),
      ...repositories.filter(({ source, target }) => !isShown(target) && existsSync(source)),
    ],
    links,
    scratch: SCRATCH,
    staging: input.staging,
    environment: { ...PLAIN_ENVIRONMENT, ...input.command.environment },
    workingDirectory: '/',
    command: input.command.argv,
    trace: input.trace,
  };
}

/** Describes the sandbox for one command of a trial. Only the trial's own work folder is writable in it. */
export function describeView(input: ViewInput): SandboxSpec {
  const { folder } = input;
  const root = describeRoot({ ...input, staging: folder.staging });
  return {
    ...root,
    overlays: [...root.overlays, ...(input.more?.overlays ?? [])],
    binds: [
      ...root.binds,
      { source: folder.package, target: folder.paths.packageFolder, writable: false },
      ...(input.ebuild === undefined
        ? []
        : [{ source: input.ebuild, target: folder.paths.ebuild, writable: false }]),
      { source: folder.work, target: folder.paths.work, writable: true },
      ...folder.distfiles.map(({ name, source }) => ({
        source,
        target: `${folder.paths.distfiles}/${name}`,
        writable: false,
      })),
      ...(input.more?.binds ?? []),
    ],
    environment: { ...PLAIN_ENVIRONMENT, HOME: folder.paths.work, ...input.command.environment },
  };
}
