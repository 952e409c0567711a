import type { RepositoryIndex } from '../../server/src/repository/index/repository-index.ts';

export interface FakeIndex extends RepositoryIndex {
  /** What `refresh` was told, call by call. */
  readonly refreshed: (readonly string[])[];
  /** Names that the next look at the index shows too. */
  add(category: string, name: string, version: string): void;
  readonly isClosed: () => boolean;
}

/** An index of one repository that is kept in memory. */
export function fakeIndex(content: {
  readonly packages?: readonly (readonly [category: string, name: string, version: string])[];
  readonly incomplete?: string;
}): FakeIndex {
  const packages = [...(content.packages ?? [])];
  const refreshed: (readonly string[])[] = [];
  let closed = false;
  return {
    refreshed,
    add: (...one) => void packages.push(one),
    isClosed: () => closed,
    repositories: [],
    incomplete: content.incomplete,
    problems: [],
    offered: (category, name) =>
      packages
        .filter((one) => one[0] === category && one[1] === name)
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
    movedTo: () => undefined,
    eclass: () => undefined,
    eclassNames: () => [],
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
