import { realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { listFolder } from '../files/folder-listing.ts';
import { encloses } from '../files/regular-file.ts';
import { NO_PART_OF_A_BUILD } from '../host/configuration.ts';
import { locateOnMachine, type RootLayout } from '../installed/root-layout.ts';
import { profileFolder } from '../repository/profile/effective-use.ts';
import { readProfile } from '../repository/profile/profile.ts';
import { type Repository, rootEnclosure } from '../repository/repository.ts';
import { sha256 } from './canonical-json.ts';
import type { NamedDigest } from './portable-inputs.ts';
import { digestFile, sortNamed } from './read-files.ts';

/** The entries of /etc/portage that portage(5) describes. Users choose all other names, which may name the machine. */
const KNOWN_ENTRIES = new Set(
  `bashrc categories color.map env make.conf make.profile mirrors modules package.accept_keywords package.accept_restrict
  package.bashrc package.env package.keywords package.license package.mask package.properties package.unmask package.use
  patches postsync.d profile repo.postsync.d repos.conf savedconfig sets use.force use.mask`.split(/\s+/),
);
const OTHER_ENTRIES = 'other files of /etc/portage';
/** Sets and what is done after a synchronisation are no part of a build. */
const NO_PART = new Set(['sets', 'postsync.d', 'repo.postsync.d', 'mirrors', 'color.map', 'make.profile']);

/** Settings of make.conf that change no image, and of which nearly every machine has its own. */
const OWN_SETTINGS =
  /^(?:export\s+)?(?:MAKEOPTS|EMERGE_\w+|GENTOO_MIRRORS|DISTDIR|PKGDIR|PORTDIR|PORT_LOGDIR|RPMDIR|PORTAGE_(?:TMPDIR|NICENESS|IONICE_COMMAND|SCHEDULING_\w+|ELOG_\w+|LOGDIR\w*|BINHOST|RSYNC_\w+|SSH_OPTS)|FETCHCOMMAND\w*|RESUMECOMMAND\w*|BINPKG_\w+|NOCOLOR|CLEAN_DELAY|AUTOCLEAN)=/;
/** Settings of repos.conf that say where a repository is and how it is fetched. */
const OWN_PLACES = /^(?:location|sync-[\w-]+|auto-sync|clone-depth|sync-depth|volatile)\s*=/;

const DEEPEST_FOLDER = 5;

/** Reads the configuration of a root, and of the ebuild's repository with its masters. */
export function readConfigurationDigests(
  root: string,
  layout: RootLayout,
  family: readonly Repository[],
): readonly NamedDigest[] {
  const place = (path: string) => locateOnMachine(layout, path) ?? join(root, path);
  const within = [...rootEnclosure(root), '/'];
  const found = new Map<string, string>();
  const add = (name: string, lines: readonly string[]) => {
    if (lines.length > 0) found.set(name, sha256([...lines].sort().join('\n')));
  };
  const others: string[] = [];
  for (const entry of listFolder(place('/etc/portage'))) {
    if (NO_PART.has(entry)) continue;
    const lines = digestTree(place('/etc/portage'), entry, within, changeFor(entry));
    if (KNOWN_ENTRIES.has(entry)) add(`/etc/portage/${entry}`, lines);
    else others.push(...lines);
  }
  add(OTHER_ENTRIES, others);
  for (const folder of ['/usr/share/portage/config', '/etc/env.d', '/etc/python-exec'])
    add(
      folder,
      listFolder(place(folder)).flatMap((entry) => digestTree(place(folder), entry, within)),
    );
  for (const { name, location } of family) {
    const layoutConf = digestFile(join(location, 'metadata/layout.conf'), [location]);
    if (layoutConf !== undefined) found.set(`${name}:metadata/layout.conf`, layoutConf);
    add(`${name}:profiles`, digestFolder(join(location, 'profiles'), [location]));
  }
  for (const [name, lines] of readProfileNodes(root, family)) add(name, lines);
  return sortNamed([...found].map(([name, digest]) => ({ name, digest })));
}

function changeFor(entry: string): ((text: string) => string) | undefined {
  if (entry === 'make.conf') return (text) => dropSettings(text, OWN_SETTINGS);
  if (entry === 'repos.conf') return (text) => dropSettings(text, OWN_PLACES);
  return undefined;
}

/** A settings file without comments, empty lines, and the assignments that an expression matches, also over several lines. */
export function dropSettings(text: string, own: RegExp): string {
  const kept: string[] = [];
  let quote = '';
  for (const line of text.split('\n').map((written) => written.trim())) {
    if (quote !== '') {
      if (line.includes(quote)) quote = '';
      continue;
    }
    if (line === '' || line.startsWith('#')) continue;
    if (!own.test(line)) {
      kept.push(line);
      continue;
    }
    const value = line.slice(line.indexOf('=') + 1).trim();
    const first = value.charAt(0);
    if ((first === '"' || first === "'") && value.indexOf(first, 1) < 0) quote = first;
  }
  return kept.join('\n');
}

/** One line for each file of an entry: its path below the entry, and its digest. */
function digestTree(
  folder: string,
  entry: string,
  within: readonly string[],
  change?: (text: string) => string,
): string[] {
  const lines: string[] = [];
  const visit = (path: string, name: string, depth: number): void => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      if (depth < DEEPEST_FOLDER)
        for (const inner of listFolder(path)) visit(join(path, inner), `${name}/${inner}`, depth + 1);
      return;
    }
    const digest = digestFile(path, within, change);
    if (digest !== undefined) lines.push(`${name}\0${digest}`);
  };
  visit(join(folder, entry), entry, 0);
  return lines;
}

/** One line for each file directly in a folder of profiles. */
function digestFolder(folder: string, within: readonly string[]): string[] {
  return listFolder(folder)
    .filter((name) => !NO_PART_OF_A_BUILD.has(name))
    .flatMap((name) => {
      const digest = digestFile(join(folder, name), within);
      return digest === undefined ? [] : [`${name}\0${digest}`];
    });
}

/** One line for each file of the profile, by the name of its folder. */
function readProfileNodes(
  root: string,
  family: readonly Repository[],
): ReadonlyMap<string, readonly string[]> {
  const silent = () => {};
  const found = new Map<string, string[]>();
  const profile = profileFolder(root, silent);
  if (profile === undefined) return found;
  const named = family.flatMap(({ names, location }) => names.map((name) => [name, location] as const));
  const { nodes } = readProfile(root, profile, new Map(named), silent);
  for (const [at, node] of nodes.entries()) {
    const owner = family.find(({ location }) => encloses([location], node));
    const name =
      owner !== undefined
        ? `${owner.name}:${relative(realpathSync(owner.location), node)}`
        : encloses([join(root, 'etc/portage')], node)
          ? '/etc/portage/profile'
          : 'a profile outside of the repositories';
    // The order of the profiles counts as well.
    found.set(name, [...(found.get(name) ?? []), `${at}`, ...digestFolder(node, ['/'])]);
  }
  return found;
}
