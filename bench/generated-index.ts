import type { OfferedPackage } from '../server/src/pms/offered-package.ts';
import type { IndexedPackage, RepositoryIndex } from '../server/src/repository/index/repository-index.ts';
import { PACKAGES, packageName } from './long-ebuild.ts';

/** Makes the index of a repository with all packages that the generated ebuilds name. */
export function generatedIndex(): RepositoryIndex {
  const offered = new Map<string, IndexedPackage[]>();
  const add = (category: string, name: string, version: string, iuse: readonly string[]): void => {
    const common: OfferedPackage = {
      category,
      name,
      version,
      repository: 'gentoo',
      slot: '0',
      subslot: '0',
      iuse,
    };
    const added: IndexedPackage = { ...common, eapi: '8', keywords: [], source: 'md5-cache' };
    const known = offered.get(`${category}/${name}`);
    if (known === undefined) offered.set(`${category}/${name}`, [added]);
    else known.push(added);
  };
  for (let index = 0; index < PACKAGES; index++) {
    const { category, name } = packageName(index);
    for (const version of ['1.2.3', '2.0-r1']) add(category, name, version, ['ssl', 'test', 'doc']);
  }
  add('virtual', 'pkgconfig', '3', []);
  add('sys-libs', 'zlib', '1.3', []);
  add('media-libs', 'libpng', '1.6.39', []);
  return {
    repositories: [],
    incomplete: undefined,
    problems: [],
    offered: (category, name) => offered.get(`${category}/${name}`) ?? [],
    packageNames: () => offered.keys(),
    categories: () => [],
    deprecated: () => [],
    movedTo: () => undefined,
    eclass: () => ({
      names: new Set(),
      iuse: new Set(),
      iuseExact: true,
      setsSlot: false,
      restrictsTests: false,
      brings: [],
    }),
    eclassDocumentation: () => undefined,
    describePackage: () => undefined,
    commonFlags: () => new Map(),
    flagsOfGroup: () => undefined,
    eclassNames: () => [],
    architectures: () => undefined,
    licenses: () => undefined,
    isImplicitFlag: () => false,
    eclassSources: () => [],
    ebuildFile: () => undefined,
    packageFile: () => undefined,
    mirrors: () => new Map(),
    describeFlag: () => undefined,
    cachedMetadata: () => undefined,
    ready: async () => {},
    refresh: async () => {},
    close: () => {},
  };
}
