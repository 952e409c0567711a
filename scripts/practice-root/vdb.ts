import { mkdirSync, writeFileSync } from 'node:fs';
import type { DebianPackage } from './dpkg.ts';
import {
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
  const packages: VdbPackage[] = [];
  for (const [gentoo, members] of groups) {
    const leader = versionLeader(gentoo, members);
    const [category, name] = gentoo.split('/');
    if (leader === undefined || category === undefined || name === undefined) continue;
    const version = gentooVersion(gentoo, leader.version);
    const contents = new Map<string, InstalledPath>();
    const links = new Set(VIRTUALS.filter(({ provider }) => provider === gentoo).map(({ link }) => link));
    for (const member of members) {
      for (const path of tree.of(member)) if (!links.has(path.path)) contents.set(path.path, path);
    }
    const needs = members.flatMap((member) =>
      member.dependsOn.flatMap(([debian = '']) => gentooOf.get(debian) ?? []),
    );
    packages.push({
      category,
      name,
      version,
      slot: gentooSlot(gentoo, version),
      ...gentooFlags(gentoo),
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
