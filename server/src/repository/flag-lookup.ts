import { join } from 'node:path';
import {
  linesOfWords,
  listFolder,
  type ReportProblem,
  readSetting,
  readText,
} from '../files/regular-file.ts';
import { parseFlagDescriptions, parseLocalFlagDescriptions } from './flag-descriptions.ts';
import { parseFlagsOfMetadataXml } from './metadata-xml.ts';
import { profileFolder } from './profile/effective-use.ts';
import { implicitFlags } from './profile/implicit-flags.ts';
import { parseSettings } from './profile/make-defaults.ts';
import { readProfile } from './profile/profile.ts';
import type { Repository } from './repository.ts';

/** The facts that repositories give about USE flags. Files are read when they are first needed. */
export interface FlagLookup {
  describe(category: string, name: string, flag: string): string | undefined;
  /** The flags of use.desc (PMS 4.4.2), and what they mean; the repository's own description first. */
  common(): ReadonlyMap<string, string>;
  /**
   * The flags of a USE_EXPAND group with their prefix, e.g. `python_targets`; undefined if no repository describes
   * it.
   */
  flagsOfGroup(group: string): readonly string[] | undefined;
  isImplicit(flag: string): boolean;
  /** Drops the cached files. */
  refresh(): void;
}

/** Makes the lookup for a repository and its masters, the repository first. */
export function createFlagLookup(
  repositories: readonly Repository[],
  root: string,
  report: ReportProblem,
): FlagLookup {
  const general = remember((location: string) =>
    parseFlagDescriptions(readText(join(location, 'profiles/use.desc'), [location], report) ?? ''),
  );
  const local = remember((location: string) =>
    parseLocalFlagDescriptions(readText(join(location, 'profiles/use.local.desc'), [location], report) ?? ''),
  );
  const groups = remember((location: string) => readGroups(location, report));
  const descriptions = new Map(
    repositories.map(({ location }) => [
      location,
      remember((folder: string) =>
        parseFlagsOfMetadataXml(readText(join(location, folder, 'metadata.xml'), [location], report) ?? ''),
      ),
    ]),
  );
  const common = remember(
    () => new Map([...repositories].reverse().flatMap(({ location }) => [...general.get(location)])),
  );
  const implicit = remember(() => readImplicitFlags(repositories, root, report));
  const first = <T>(ask: (location: string) => T | undefined): T | undefined => {
    for (const { location } of repositories) {
      const answer = ask(location);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return {
    describe: (category, name, flag) =>
      first((location) => descriptions.get(location)?.get(join(category, name)).get(flag)) ??
      first((location) => local.get(location).get(`${category}/${name}:${flag}`)) ??
      first((location) => general.get(location).get(flag)) ??
      first((location) => {
        for (const flags of groups.get(location).values()) {
          const description = flags.get(flag);
          if (description !== undefined) return description;
        }
        return undefined;
      }),
    common: () => common.get(''),
    flagsOfGroup: (group) => {
      const flags = repositories.flatMap(({ location }) => [
        ...(groups.get(location).get(group)?.keys() ?? []),
      ]);
      return flags.length > 0 ? flags : undefined;
    },
    isImplicit: (flag) => implicit.get('')?.has(flag) ?? true,
    refresh: () => {
      for (const known of [general, local, groups, implicit, common, ...descriptions.values()]) known.clear();
    },
  };
}

/** profiles/desc (PMS 4.4.3), by group. */
function readGroups(
  location: string,
  report: ReportProblem,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const groups = new Map<string, ReadonlyMap<string, string>>();
  const folder = join(location, 'profiles/desc');
  for (const file of listFolder(folder, [location], report)) {
    if (!file.endsWith('.desc')) continue;
    const group = file.slice(0, -'.desc'.length);
    groups.set(
      group,
      parseFlagDescriptions(readText(join(folder, file), [location], report) ?? '', `${group}_`),
    );
  }
  return groups;
}

/**
 * The implicit flags of the root's profile and of `profiles/base` of every repository, with the names of all
 * architectures, because an ebuild is written for every profile. Undefined if no profile gives any.
 */
function readImplicitFlags(
  repositories: readonly Repository[],
  root: string,
  report: ReportProblem,
): ReadonlySet<string> | undefined {
  const flags = new Set<string>();
  for (const { location } of repositories) {
    const base = readSetting(join(location, 'profiles/base/make.defaults'), [location], report);
    if (base !== undefined) for (const flag of implicitFlags(parseSettings(base).values)) flags.add(flag);
  }
  const chosen = profileFolder(root, report);
  if (chosen !== undefined) {
    const places = new Map(
      repositories.flatMap(({ names, location }) => names.map((name) => [name, location])),
    );
    for (const flag of implicitFlags(readProfile(root, chosen, places, report).settings)) flags.add(flag);
  }
  if (flags.size === 0) return undefined;
  for (const { location } of repositories) {
    const archs = linesOfWords(readSetting(join(location, 'profiles/arch.list'), [location], report) ?? '');
    for (const [arch = ''] of archs) flags.add(arch);
  }
  return flags;
}

/** A function that computes each answer once, until `clear` is called. */
function remember<T>(work: (key: string) => T): { get(key: string): T; clear(): void } {
  const known = new Map<string, T>();
  return {
    get: (key) => {
      if (!known.has(key)) known.set(key, work(key));
      return known.get(key) as T;
    },
    clear: () => known.clear(),
  };
}
