import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BashParser } from '../../ebuild/bash-parser.ts';
import { outlineEbuild } from '../../ebuild/outline.ts';
import { packageVariables } from '../../ebuild/package-variables.ts';
import { staticMetadata } from '../../ebuild/static-metadata.ts';
import {
  linesOfWords,
  listFolder,
  type ReportProblem,
  readRegularFile,
  readSetting,
} from '../../files/regular-file.ts';
import type { EclassLookup } from '../eclass.ts';
import { readCachedMetadata } from '../md5-cache.ts';
import { createWordStore, type EbuildEntry, type PackageEntry, type PackageTable } from './package-table.ts';

/** Top-level folders of a repository that are never categories. */
const NO_CATEGORY = new Set(['eclass', 'licenses', 'metadata', 'profiles', 'scripts']);
const CATEGORY = /^[A-Za-z0-9_][A-Za-z0-9+_.-]*$/;

/** The inputs for updating a table. */
export interface UpdateSources {
  readonly parser: BashParser;
  readonly eclasses: EclassLookup;
  readonly categories: readonly string[];
  readonly report: ReportProblem;
}

/**
 * The categories of a repository: those that it or a master lists in profiles/categories (PMS 4.4.1). If a master or
 * every list is missing, all folders that may be categories are added.
 *
 * @param family the repository first, then its masters
 */
export function listCategories(
  family: readonly string[],
  complete: boolean,
  report: ReportProblem,
): string[] {
  const listed = family.flatMap((location) =>
    linesOfWords(readSetting(join(location, 'profiles/categories'), [location], report) ?? '').map(
      ([name = '']) => name,
    ),
  );
  const folders = complete && listed.length > 0 ? [] : listFolder(family[0] ?? '', [family[0] ?? ''], report);
  return [...new Set([...listed, ...folders])]
    .filter((name) => CATEGORY.test(name) && !NO_CATEGORY.has(name))
    .sort();
}

/**
 * Brings a table up to date with the disk, in steps: every `next()` reads at most one ebuild or checks one folder.
 *
 * A package folder with the same time of change is taken to have the same files, and an ebuild with the same time and
 * size the same text.
 *
 * @returns whether anything in the table has changed
 */
export function* updateTable(table: PackageTable, sources: UpdateSources): Generator<void, boolean> {
  let changed = false;
  const stale = staleEclasses(table, sources.eclasses);
  const seen = new Set<string>();
  const keep = createWordStore();
  for (const category of sources.categories) {
    const cacheFolder = join(table.location, 'metadata/md5-cache', category);
    const cacheTime = timeOf(cacheFolder);
    const cacheChanged = table.cacheFolders.get(category) !== cacheTime;
    const doubt = (entry: EbuildEntry): boolean =>
      entry.cached
        ? (entry.inherits ?? '').split(' ').some((name) => stale.has(name))
        : cacheTime !== undefined && (cacheChanged || stale.size > 0);
    for (const name of listFolder(join(table.location, category), [table.location], sources.report)) {
      const key = `${category}/${name}`;
      const step = updatePackage(table, sources, key, doubt, keep);
      for (let more = step.next(); ; more = step.next()) {
        if (more.done) {
          if (more.value === 'changed') changed = true;
          if (more.value !== 'absent') seen.add(key);
          break;
        }
        yield;
      }
    }
    if (cacheTime === undefined) table.cacheFolders.delete(category);
    else table.cacheFolders.set(category, cacheTime);
    if (cacheChanged) changed = true;
  }
  for (const key of table.packages.keys()) {
    if (seen.has(key)) continue;
    table.packages.delete(key);
    changed = true;
  }
  if (stale.size > 0) changed = true;
  table.eclasses.clear();
  for (const name of sources.eclasses.names()) {
    table.eclasses.set(name, sources.eclasses.md5(name) ?? '');
    yield;
  }
  return changed;
}

/**
 * Reads one package of a table again, even if the times of its files are the same. Returns whether it has changed.
 */
export function updateOnePackage(table: PackageTable, sources: UpdateSources, key: string): boolean {
  const step = updatePackage(table, sources, key, () => true, createWordStore());
  let result = step.next();
  while (!result.done) result = step.next();
  if (result.value === 'absent') return table.packages.delete(key);
  return result.value === 'changed';
}

function* updatePackage(
  table: PackageTable,
  sources: UpdateSources,
  key: string,
  doubt: (entry: EbuildEntry) => boolean,
  keep: (text: string) => string,
): Generator<void, 'same' | 'changed' | 'absent'> {
  const folder = join(table.location, key);
  const modified = timeOf(folder);
  if (modified === undefined) return 'absent';
  const old = table.packages.get(key);
  const name = key.slice(key.indexOf('/') + 1);
  const files =
    old?.modified === modified
      ? old.ebuilds.map(({ version }) => `${name}-${version}.ebuild`)
      : listFolder(folder, [table.location], sources.report);
  const ebuilds: EbuildEntry[] = [];
  let changed = old === undefined || files.length !== old.ebuilds.length;
  for (const file of files) {
    if (!file.endsWith('.ebuild') || !file.startsWith(`${name}-`)) continue;
    const version = file.slice(name.length + 1, -'.ebuild'.length);
    const before = old?.ebuilds.find((entry) => entry.version === version);
    const path = join(folder, file);
    if (before !== undefined && !doubt(before)) {
      const status = statusOf(path);
      if (status?.mtimeMs === before.modified && status.size === before.size) {
        ebuilds.push(before);
        continue;
      }
    }
    const entry = readEbuild(table.location, { key, version, path }, sources, keep);
    if (entry !== undefined) ebuilds.push(entry);
    changed = true;
    yield;
  }
  yield;
  if (ebuilds.length === 0) return 'absent';
  if (!changed && old?.modified === modified) return 'same';
  const entry: PackageEntry = { modified, ebuilds };
  table.packages.set(key, entry);
  return 'changed';
}

/** One ebuild of a repository. */
interface EbuildFile {
  /** Category and name. */
  readonly key: string;
  readonly version: string;
  readonly path: string;
}

function readEbuild(
  location: string,
  { key, version, path }: EbuildFile,
  { parser, eclasses, report }: UpdateSources,
  keep: (text: string) => string,
): EbuildEntry | undefined {
  const [category = '', name = ''] = key.split('/');
  const predefined = packageVariables(category, `${name}-${version}`);
  if (predefined.PN !== name) return undefined;
  const file = readRegularFile(path, [location], report);
  if (file === undefined) return undefined;
  const { bytes, stamp } = file;
  if (bytes.includes(0)) {
    report(`${path} is skipped: it is binary; remove it.`);
    return undefined;
  }
  const common = { version, modified: stamp.modified, size: stamp.size };
  const cached = readCachedMetadata(location, `${key}-${version}`, bytes, eclasses.md5, report);
  if (cached !== undefined) {
    const [slot = '', subslot = slot] = (cached.values.get('SLOT') ?? '').split('/');
    return {
      ...common,
      eapi: keep(cached.values.get('EAPI') ?? '0'),
      slot: keep(slot),
      subslot: keep(subslot),
      iuse: keep(withoutDefaults(cached.values.get('IUSE') ?? '')),
      keywords: keep(cached.values.get('KEYWORDS') ?? ''),
      inherits: keep([...cached.eclasses.keys()].join(' ')),
      cached: true,
    };
  }
  const facts = outlineEbuild(bytes.toString('utf8'), parser);
  const { eapi, slot, subslot, iuse, inherits, inheritsKnown, values } = staticMetadata(facts, predefined);
  const sure = new Set(facts.inherits.filter(({ context }) => context === 'global').map(({ name }) => name));
  const keywords = values.KEYWORDS.value;
  return {
    ...common,
    eapi: keep(eapi),
    ...(slot !== undefined && { slot: keep(slot), subslot: keep(subslot ?? slot) }),
    ...(iuse !== undefined && { iuse: keep(iuse.join(' ')) }),
    ...(keywords !== undefined && { keywords: keep(keywords.trim().replace(/\s+/g, ' ')) }),
    ...(inheritsKnown && {
      inherits: keep(inherits.map((eclass) => (sure.has(eclass) ? eclass : `?${eclass}`)).join(' ')),
    }),
    cached: false,
  };
}

function withoutDefaults(iuse: string): string {
  return (iuse.match(/\S+/g) ?? []).map((word) => word.replace(/^[+-]/, '')).join(' ');
}

/** The eclasses that have changed since the table was made. */
function staleEclasses(table: PackageTable, eclasses: EclassLookup): ReadonlySet<string> {
  const stale = new Set<string>();
  for (const [name, md5] of table.eclasses) if ((eclasses.md5(name) ?? '') !== md5) stale.add(name);
  for (const name of eclasses.names()) if (!table.eclasses.has(name)) stale.add(name);
  return stale;
}

function timeOf(folder: string): number | undefined {
  const status = statusOf(folder);
  return status?.isDirectory() === true ? status.mtimeMs : undefined;
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A circular link, or a folder above it that must not be entered.
    return undefined;
  }
}
