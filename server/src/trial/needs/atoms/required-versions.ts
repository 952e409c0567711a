import type { NamedNeed } from '../../../image/named/named-need.ts';
import { normaliseDistribution, splitDistribution } from '../../../image/named/python-metadata.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { parseAtom } from '../../../pms/atom.ts';
import { matchesAtom } from '../../../pms/match.ts';
import { normalisePerl } from '../../../pms/perl-version.ts';
import { readRootText } from './root-file.ts';
import { isVersionOf, type ModuleFiles } from './version-bounds.ts';
import type { VersionCheck } from './version-checks.ts';

/** What upstream's metadata requires, with the package that has it. */
export interface RequiredOwner {
  readonly need: Pick<NamedNeed, 'user' | 'kind' | 'requirement'>;
  readonly wanted: string;
  readonly package: InstalledPackage;
  /** Path in the root: of the metadata of a distribution of Python, or of a module of Perl. */
  readonly path: string;
}

/**
 * The lower bounds that upstream's metadata states, if the installed package satisfies them and counts its versions as upstream does. Perl's
 * numbers are written as Gentoo writes them.
 */
export function checkRequired(owners: readonly RequiredOwner[], root: ModuleFiles): VersionCheck[] {
  const found = new Map<string, VersionCheck>();
  for (const owner of owners) {
    const { need, package: installed } = owner;
    const version = findBound(owner, root);
    if (version === undefined) continue;
    const { category, name } = installed;
    const { atom } = parseAtom(`>=${category}/${name}-${version}`);
    if (atom === undefined || !matchesAtom(atom, installed)) continue;
    const statedBy = `${need.user} requires ${need.requirement?.stated}`;
    const check = { package: installed, bound: { operator: '>=', version, statedBy } as const };
    const key = `${category}/${name} ${version}`;
    if (!found.has(key)) found.set(key, check);
  }
  return [...found.values()];
}

/** The bound in the numbers of the package; undefined if there is none, or if its numbers are not upstream's. */
function findBound(
  { need: { kind, requirement }, wanted, package: installed, path }: RequiredOwner,
  root: ModuleFiles,
): string | undefined {
  const asked = requirement?.atLeast;
  if (asked === undefined) return undefined;
  if (kind === 'perl-metadata') return findPerlBound(asked, readPerlVersion(path, root), installed);
  const stem = /\/([^/]+)\.(?:dist|egg)-info$/.exec(path)?.[1] ?? '';
  const { name, version } = splitDistribution(stem);
  const isMeant = normaliseDistribution(name) === wanted && version !== undefined;
  return isMeant && isVersionOf(installed, version) ? asked : undefined;
}

/** Perl's 1.46 is 1.460.0 in Gentoo (perl-module.eclass), but not every package follows. */
function findPerlBound(
  asked: string,
  version: string | undefined,
  installed: InstalledPackage,
): string | undefined {
  if (version === undefined) return undefined;
  if (isVersionOf(installed, normalisePerl(version))) return normalisePerl(asked);
  const isPlain = isVersionOf(installed, version) && isDecimal(version) === isDecimal(asked);
  return isPlain ? asked.replace(/^v/, '') : undefined;
}

const isDecimal = (version: string): boolean => /^\d+(?:\.\d+)?$/.test(version);

/** Reads `$VERSION` of a module, as PAUSE and `MM->parse_version` find it, if it is a plain number. */
function readPerlVersion(path: string, root: ModuleFiles): string | undefined {
  const text = readRootText(path, root).slice(0, LONGEST_MODULE);
  for (const line of text.split('\n')) {
    if (/^__(?:END|DATA)__\b/.test(line)) return undefined;
    const [, assigned, packaged] =
      /(?:^|[\s;{(:])\$(?:[\w:]+::)?VERSION\b[^=;]{0,20}=\s*(?:qv\(|version->(?:declare|new|parse)\()?\s*['"]?(v?\d[\d._]*)|^\s*package\s+[\w:]+\s+(v?\d[\d._]*)\s*[;{]/.exec(
        line,
      ) ?? [];
    const version = (assigned ?? packaged)?.replaceAll('_', '').replace(/\.$/, '');
    if (version !== undefined && /^v?\d+(?:\.\d+)*$/.test(version)) return version;
  }
  return undefined;
}

/** Limit in characters. The version stands at the top. */
const LONGEST_MODULE = 2 ** 18;
