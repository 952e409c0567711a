import { mkdirSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { type DebianPackage, nativeArchitecture } from './dpkg.ts';
import {
  cutOwner,
  debianVersion,
  gentooFlags,
  gentooName,
  gentooRuntimeDependencies,
  gentooSlot,
  gentooVersion,
  versionLeader,
} from './gentoo-names.ts';
import { VIRTUALS } from './gentoo-profile.ts';
import type { InstalledPath } from './installed-files.ts';
import type { RootTree } from './root-tree.ts';

/** One package of the practice root before it is written. */
export interface VdbPackage {
  readonly category: string;
  readonly name: string;
  readonly version: string;
  readonly slot: string;
  readonly iuse: string;
  readonly use: string;
  readonly rdepend: string;
  readonly description: string;
  readonly contents: readonly InstalledPath[];
}

/** Turns what dpkg has recorded of some packages into what Gentoo would have recorded for the same files. */
export function packagesFromDpkg(debians: readonly DebianPackage[], tree: RootTree): VdbPackage[] {
  const groups = new Map<string, DebianPackage[]>();
  for (const debian of debians) {
    const gentoo = gentooName(debian, () => tree.of(debian).map(({ path }) => path));
    const members = groups.get(gentoo);
    if (members === undefined) groups.set(gentoo, [debian]);
    else members.push(debian);
  }
  const gentooOf = new Map(
    [...groups].flatMap(([gentoo, members]) => members.map(({ name }) => [name, gentoo])),
  );
  const contentsOf = shareContents(groups, tree);
  const python = pythonFlag(groups.get('dev-lang/python') ?? []);
  const packages: VdbPackage[] = [];
  for (const [gentoo, members] of groups) {
    const leader = versionLeader(gentoo, members);
    const [category, name] = gentoo.split('/');
    if (leader === undefined || category === undefined || name === undefined) continue;
    const version = gentooVersion(gentoo, leader.version);
    const contents = contentsOf.get(gentoo) ?? new Map<string, InstalledPath>();
    const needs = members.flatMap((member) =>
      member.dependsOn.flatMap(([debian = '']) => gentooOf.get(debian) ?? []),
    );
    packages.push({
      category,
      name,
      version,
      slot: gentooSlot(gentoo, version),
      ...gentooFlags(gentoo, nativeArchitecture(debians), python),
      rdepend: gentooRuntimeDependencies(gentoo, needs),
      description: leader.summary,
      contents: [...contents.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    });
  }
  for (const virtual of VIRTUALS) {
    const [category, name] = virtual.name.split('/');
    if (!groups.has(virtual.provider) || category === undefined || name === undefined) continue;
    const { version, rdepend, slot = '0' } = virtual;
    const link = virtual.link === undefined ? undefined : tree.entries.get(virtual.link);
    const description = `Virtual for ${virtual.provider}`;
    packages.push({
      category,
      name,
      version,
      slot,
      iuse: '',
      use: '',
      rdepend,
      description,
      contents: link?.kind === 'sym' ? [link] : [],
    });
  }
  return packages.sort((a, b) => (`${a.category}/${a.name}` < `${b.category}/${b.name}` ? -1 : 1));
}

/** The files of each Gentoo package by path. The folders of a file that is cut out of another package are in both. */
function shareContents(
  groups: ReadonlyMap<string, readonly DebianPackage[]>,
  tree: RootTree,
): ReadonlyMap<string, Map<string, InstalledPath>> {
  const shared = new Map([...groups.keys()].map((gentoo) => [gentoo, new Map<string, InstalledPath>()]));
  for (const [gentoo, members] of groups) {
    const links = new Set(VIRTUALS.filter(({ provider }) => provider === gentoo).map(({ link }) => link));
    for (const entry of members.flatMap((member) => tree.of(member))) {
      if (links.has(entry.path)) continue;
      const other = shared.get(cutOwner(gentoo, entry.path) ?? '');
      (other ?? shared.get(gentoo))?.set(entry.path, entry);
      if (other === undefined) continue;
      for (let at = posix.dirname(entry.path); at !== '/'; at = posix.dirname(at)) {
        const folder = tree.entries.get(at);
        if (folder?.kind === 'dir') other.set(at, folder);
      }
    }
  }
  return shared;
}

/** The flag of PYTHON_TARGETS for the machine's Python. */
function pythonFlag(members: readonly DebianPackage[]): string | undefined {
  const leader = versionLeader('dev-lang/python', members);
  if (leader === undefined) return undefined;
  const [major, minor] = debianVersion(leader.version).split('.');
  return `python_targets_python${major}_${minor}`;
}

/** A line of CONTENTS. */
export function contentsLine(entry: InstalledPath): string {
  switch (entry.kind) {
    case 'dir':
      return `dir ${entry.path}\n`;
    case 'sym':
      return `sym ${entry.path} -> ${entry.target ?? ''} ${entry.modified}\n`;
    case 'obj':
      return `obj ${entry.path} ${entry.digest ?? ''} ${entry.modified}\n`;
  }
}

/** Writes the packages below `folder` (var/db/pkg of a root) as Portage writes its VDB. */
export function writeVdb(folder: string, packages: readonly VdbPackage[], arch: string, chost: string): void {
  const implicit = `${arch} elibc_glibc kernel_linux`;
  packages.forEach((entry, index) => {
    const packageAndVersion = `${entry.name}-${entry.version}`;
    const target = `${folder}/${entry.category}/${packageAndVersion}`;
    mkdirSync(target, { recursive: true });
    const values: Record<string, string> = {
      BUILD_TIME: '1',
      CATEGORY: entry.category,
      CHOST: chost,
      COUNTER: String(index + 1),
      DEFINED_PHASES: '-',
      DESCRIPTION: entry.description,
      EAPI: '8',
      FEATURES: '',
      IUSE: entry.iuse,
      IUSE_EFFECTIVE: `${entry.iuse.replace(/\+/g, '')} ${implicit}`.trim(),
      KEYWORDS: arch,
      LICENSE: 'metapackage',
      PF: packageAndVersion,
      SIZE: '0',
      SLOT: entry.slot,
      USE: `${entry.use} ${implicit}`.trim(),
      repository: 'gentoo',
    };
    // Portage leaves empty dependency files out.
    if (entry.rdepend !== '') values.RDEPEND = entry.rdepend;
    for (const [key, value] of Object.entries(values)) writeFileSync(`${target}/${key}`, `${value}\n`);
    writeFileSync(`${target}/CONTENTS`, entry.contents.map(contentsLine).join(''));
    const ebuild = `EAPI=8\nSLOT="${entry.slot}"\nIUSE="${entry.iuse}"\nRDEPEND="${entry.rdepend}"\n`;
    writeFileSync(`${target}/${packageAndVersion}.ebuild`, ebuild);
  });
}
