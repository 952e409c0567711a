import type { RepositoryIndex } from '../../server/src/repository/index/repository-index.ts';

export interface FakeIndex extends RepositoryIndex {
  /** The arguments of each call of `refresh`. */
  readonly refreshed: (readonly string[])[];
  /** Adds a package that the next reading of the index finds. */
  add(category: string, name: string, version: string): void;
  readonly isClosed: () => boolean;
}

/** An index of one repository in memory. */
export function fakeIndex(content: {
  readonly packages?: readonly (readonly [category: string, name: string, version: string])[];
  readonly incomplete?: string;
}): FakeIndex {
  const packages = [...(content.packages ?? [])];
  const refreshed: (readonly string[])[] = [];
  let closed = false;
  return {
    refreshed,
    add: (...added) => void packages.push(added),
    isClosed: () => closed,
    repositories: [],
    incomplete: content.incomplete === undefined ? undefined : { kind: 'master', text: content.incomplete },
    problems: [],
    offered: (category, name) =>
      packages
        .filter((entry) => entry[0] === category && entry[1] === name)
        .map(([, , version]) => ({
          category,
          name,
          version,
          repository: 'overlay',
          slot: '0',
          subslot: '0',
          iuse: [],
          eapi: '8',
          keywords: [],
          source: 'static',
        })),
    packageNames: () => packages.map(([category, name]) => `${category}/${name}`),
    categories: () => packages.map(([category]) => category),
    deprecated: () => [],
    movedTo: () => undefined,
    eclass: () => undefined,
    eclassDocumentation: () => undefined,
    describePackage: () => undefined,
    commonFlags: () => new Map(),
    flagsOfGroup: () => undefined,
    eclassSources: () => [],
    ebuildFile: () => undefined,
    packageFile: () => undefined,
    mirrors: () => new Map(),
    eclassNames: () => [],
    architectures: () => undefined,
    licenses: () => undefined,
    isImplicitFlag: () => false,
    describeFlag: () => undefined,
    cachedMetadata: () => undefined,
    ready: async () => {},
    refresh: async (paths = []) => void refreshed.push(paths),
    close: () => {
      closed = true;
    },
  };
}
