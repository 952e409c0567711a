import { lstatSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { listFolder } from '../files/folder-listing.ts';
import { createIsOwned, type NamedPaths } from '../host/named-paths.ts';
import type { RootState } from '../host/root-state.ts';
import { toMachinePath } from '../installed/file-tree.ts';
import { locateOnMachine } from '../installed/root-layout.ts';
import { packageId } from '../pms/package-id.ts';
import { sha256 } from './canonical-json.ts';
import type { PortableNames } from './portable-inputs.ts';
import { digestFile } from './read-files.ts';

/** The places of this machine to which portable paths lead. */
export interface NamePlaces {
  readonly state: Pick<RootState, 'layout' | 'index'>;
  /** All repositories of this machine; only those with a name are the ebuild's own and its masters. */
  readonly repositories: readonly { readonly path: string; readonly name: string | undefined }[];
}

/** Files that other inputs cover, and those in which every machine differs and on which no build depends. */
const LEFT_OUT =
  /^\/etc\/(?:portage|env\.d|python-exec)(?:\/|$)|^\/usr\/share\/portage\/config(?:\/|$)|^\/var\/(?:cache|log|tmp|lib\/(?:portage|gentoo))(?:\/|$)|^\/etc\/(?:passwd|group|g?shadow|hosts?|hostname|host\.conf|machine-id|localtime|timezone|resolv\.conf|mtab|fstab|adjtime|motd|issue)-?$|(?:\.cache|\/locale-archive|\/gschemas\.compiled|\/info\/dir)$/;
/** The same in a repository. The folder of the package is an input of its own. */
const LEFT_OUT_OF_REPOSITORY =
  /^\/(?:eclass|profiles|metadata\/(?:layout\.conf|cache|md5-cache)|(?!metadata\/)[^/]+\/[^/]+)(?:\/|$)/;
const PACKAGE_FOLDER = /^\/var\/db\/pkg\/([^/]+\/[^/]+)(?:\/|$)/;

/** Makes the paths that a trial named independent of this machine. Other repositories are left out. */
export function toPortableNames(named: NamedPaths, places: NamePlaces): PortableNames {
  const owners = new Set<string>();
  const unowned: string[] = [];
  for (const path of portablePaths(named.present, places)) {
    const installed = PACKAGE_FOLDER.exec(path)?.[1];
    const found = installed === undefined ? ownersOf(path, places) : [installed];
    for (const id of found) owners.add(id);
    // What is below /etc is often changed after it was installed.
    if (found.length === 0 || path.startsWith('/etc/')) unowned.push(path);
  }
  const listed = Object.keys(named.listed).flatMap((path) => toPortable(path, places) ?? []);
  return {
    owners: [...owners].sort(),
    unowned: [...new Set(unowned)].sort(),
    absent: [...new Set(portablePaths(named.absent, places))].sort(),
    listed: [...new Set(listed)].sort(),
  };
}

function portablePaths(byFolder: NamedPaths['present'], places: NamePlaces): string[] {
  return Object.entries(byFolder).flatMap(([folder, names]) =>
    names.flatMap((name) => toPortable(posix.join(folder, name), places) ?? []),
  );
}

function toPortable(written: string, { state, repositories }: NamePlaces): string | undefined {
  const path = written.replace(/(?<=.)\/+$/, '');
  for (const { path: top, name } of repositories) {
    if (path !== top && !path.startsWith(`${top}/`)) continue;
    const below = path.slice(top.length);
    if (name === undefined || below === '' || LEFT_OUT_OF_REPOSITORY.test(below)) return undefined;
    return `<${name}>${below}`;
  }
  for (const { target, source } of state.layout.folders) {
    if (path !== source && !path.startsWith(`${source}/`)) continue;
    const inRoot = target + path.slice(source.length);
    return LEFT_OUT.test(inRoot) ? undefined : inRoot;
  }
  return undefined;
}

function toMachine(path: string, { state, repositories }: NamePlaces): string | undefined {
  const [, name, below = ''] = /^<([^>]*)>(.*)$/s.exec(path) ?? [];
  if (name === undefined) return locateOnMachine(state.layout, path);
  const repository = repositories.find((known) => known.name === name);
  return repository && repository.path + below;
}

function ownersOf(path: string, { state }: NamePlaces): readonly string[] {
  return path.startsWith('<') ? [] : state.index.ownersOf(path).map((owner) => packageId(owner.package));
}

/** The state of portable paths on this machine. */
export interface NamedState {
  /** Changes with each unowned file, with each missing name that is there, and with the unowned names of a listed folder. */
  readonly digest: string;
  /** Names that the trial did not find, and that are here, each with the package that owns it, if one does. */
  readonly appeared: readonly string[];
}

/** Reads the state of paths. A path from elsewhere may lead anywhere in the root: nothing of a file but its digest is given. */
export function readNamedState(names: PortableNames, places: NamePlaces): NamedState {
  const lines: string[] = [];
  const appeared: string[] = [];
  for (const path of names.unowned) lines.push(`${path}\0${describe(path, places)}`);
  for (const path of names.absent) {
    const state = describe(path, places);
    if (state === 'absent') continue;
    lines.push(`${path}\0is there`);
    const [owner] = ownersOf(path, places);
    appeared.push(owner === undefined ? path : `${path} of ${owner}`);
  }
  const isOwned = createIsOwned(places.state);
  for (const path of names.listed) {
    const place = toMachine(path, places);
    const found = place === undefined ? [] : listFolder(place);
    const unowned = found.filter((name) => {
      const inner = posix.join(place ?? '', name);
      return name !== '__pycache__' && toPortable(inner, places) !== undefined && !isOwned(inner);
    });
    lines.push(`${path}\0${unowned.sort().join('\0')}`);
  }
  return { digest: sha256(lines.join('\n')), appeared };
}

function describe(path: string, places: NamePlaces): string {
  const place = toMachine(path, places);
  if (place === undefined) return 'absent';
  try {
    const machinePath = toMachinePath(place);
    const stats = lstatSync(machinePath, { throwIfNoEntry: false });
    if (stats === undefined) return 'absent';
    if (stats.isSymbolicLink()) return `link ${sha256(readlinkSync(machinePath))}`;
    if (stats.isDirectory()) return 'folder';
    return stats.isFile() ? (digestFile(place, ['/']) ?? 'unread') : 'no file';
  } catch {
    return 'absent';
  }
}
