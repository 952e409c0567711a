import { normalisePerl } from '../../server/src/pms/perl-version.ts';
import type { DebianPackage } from './dpkg.ts';
import { GENTOO_PACKAGES, type GentooPackage } from './gentoo-packages.ts';

/**
 * What of Debian's makes up each Gentoo package, and everything that can be said of one by its name. Several binary packages
 * (library, headers, tools) become one; what no table names takes the name of its source package in a guessed category.
 */

const byBinary = GENTOO_PACKAGES.filter(({ binary }) => binary !== undefined);
const byName = new Map(GENTOO_PACKAGES.map((one) => [one.name, one]));
const CUTS = GENTOO_PACKAGES.flatMap(({ name, cutFrom }) =>
  cutFrom === undefined ? [] : [{ name, from: cutFrom.name, paths: cutFrom.paths }],
);

/**
 * The Gentoo name (category/PN) of a Debian package.
 *
 * @param paths the files of the package, for the names that Perl and Python distributions have upstream
 */
export function gentooName(
  debian: Pick<DebianPackage, 'name' | 'source'>,
  paths: () => readonly string[] = () => [],
): string {
  const known =
    byBinary.find(({ binary }) => matchesWhole(binary, debian.name)) ??
    GENTOO_PACKAGES.find(({ source }) => matchesWhole(source, debian.source));
  if (known !== undefined) return known.name;
  const perl = /^lib(.+)-perl$/.exec(debian.name)?.[1];
  if (perl !== undefined) return `dev-perl/${perlDistribution(perl, paths()) ?? asPackageName(debian.name)}`;
  const python = /^python3-(.+)$/.exec(debian.name)?.[1];
  if (python !== undefined) return `dev-python/${asPackageName(pythonDistribution(paths()) ?? python)}`;
  const name = asPackageName(debian.source);
  if (debian.name.startsWith('fonts-')) return `media-fonts/${name}`;
  return debian.name.startsWith('lib') ? `dev-libs/${name}` : `app-debian/${name}`;
}

function matchesWhole(pattern: RegExp | undefined, text: string): boolean {
  return pattern !== undefined && new RegExp(`^(?:${pattern.source})$`).test(text);
}

/** PMS 3.1.2: a package name must not end in a hyphen followed by anything that looks like a version. */
function asPackageName(name: string): string {
  return name.replace(/[^A-Za-z0-9+_-]/g, '-').replace(/-(\d)/g, '_$1');
}

/** `XML-Parser`, from the module XML/Parser.pm which Debian's libxml-parser-perl is named for. */
function perlDistribution(debian: string, paths: readonly string[]): string | undefined {
  const ending = `/${debian.replaceAll('-', '/')}.pm`;
  const module = paths.find((path) => path.toLowerCase().endsWith(ending));
  return module?.slice(-ending.length + 1, -'.pm'.length).replaceAll('/', '-');
}

/** The name on PyPI as Gentoo normalises it, from the folder of metadata that pip and setuptools leave. */
function pythonDistribution(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const name = /\/(?:dist|site)-packages\/([^/]+?)(?:-\d[^/]*)?\.(?:egg|dist)-info(?:\/|$)/.exec(path)?.[1];
    if (name !== undefined) return name.toLowerCase().replace(/[._-]+/g, '-');
  }
  return undefined;
}

/** The part of a Debian version that PMS 3.2 allows: no epoch, no Debian revision, numbers and one letter. */
export function debianVersion(debian: string): string {
  const upstream =
    debian
      .replace(/^\d+:/, '')
      .replace(/-[^-]*$/, '')
      .split(/[+~]/)[0] ?? '';
  const match = /^\d+(\.\d+)*([a-z](?![a-z]))?/.exec(upstream.toLowerCase());
  return match?.[0] ?? '0';
}

/** The version that Gentoo gives a package of this name: Perl's decimals are cut into threes (perl-module.eclass). */
export function gentooVersion(gentoo: string, debian: string): string {
  const version = debianVersion(debian);
  const isDecimal = gentoo.startsWith('dev-perl/') && /^\d+\.\d+$/.test(version);
  return isDecimal ? normalisePerl(version) : version;
}

/** Which of the Debian packages that make up a Gentoo package says its version. */
export function versionLeader(gentoo: string, members: readonly DebianPackage[]): DebianPackage | undefined {
  const rule = byName.get(gentoo)?.version;
  return (
    members.find((member) => matchesWhole(rule, member.name)) ??
    members.find((member) => member.name === gentoo.split('/')[1]) ??
    [...members].sort((a, b) => b.installedSize - a.installedSize)[0]
  );
}

/** SLOT with subslot of a Gentoo package. */
export function gentooSlot(gentoo: string, version: string): string {
  const components = version.split('.');
  return (byName.get(gentoo)?.slot ?? '0').replace(/\{(\d)\}/g, (_, count: string) =>
    components.slice(0, Number(count)).join('.'),
  );
}

/**
 * IUSE and USE of a Gentoo package, without the profile's implicit flags.
 *
 * @param architecture the name of the machine's in Debian
 * @param python the flag for the machine's Python, e.g. `python_targets_python3_11`; undefined if there is none
 */
export function gentooFlags(
  gentoo: string,
  architecture: string,
  python: string | undefined,
): Required<Pick<GentooPackage, 'iuse' | 'use'>> {
  const { iuse = '', use = '', multilib } = byName.get(gentoo) ?? {};
  const hasAbis = multilib === true && architecture === 'amd64';
  const isModule = gentoo.startsWith('dev-python/') && python !== undefined;
  const join = (...parts: readonly string[]) => parts.filter((part) => part !== '').join(' ');
  return {
    iuse: join(iuse, hasAbis ? 'abi_x86_32 abi_x86_64' : '', isModule ? python : ''),
    use: join(use, hasAbis ? 'abi_x86_64' : '', isModule ? python : ''),
  };
}

/** The Gentoo package that has a file of another one's Debian packages, where Gentoo cuts them. */
export function cutOwner(gentoo: string, path: string): string | undefined {
  return CUTS.find(({ from, paths }) => from === gentoo && paths.test(path))?.name;
}

/** What everything depends on without saying so in Gentoo, build tools that only Debian's -dev packages name, Debian's own machinery. */
const UNSAID = new Set([
  'app-arch/dpkg',
  'app-debian/adduser',
  'app-debian/build-essential',
  'app-debian/debconf',
  'app-debian/init-system-helpers',
  'app-debian/sensible-utils',
  'app-debian/tex-common',
  'app-debian/ucf',
  'dev-util/pkgconf',
  'sys-apps/mawk',
  'sys-devel/gcc',
  'sys-libs/glibc',
  'x11-base/xorg-proto',
]);

/** RDEPEND of a Gentoo package, from what its Debian packages depend on as Gentoo calls it. */
export function gentooRuntimeDependencies(gentoo: string, needs: readonly string[]): string {
  const stated = byName.get(gentoo)?.rdepend;
  if (stated !== undefined) return stated;
  return [...new Set(needs)]
    .filter((need) => need !== gentoo && !UNSAID.has(need))
    .sort()
    .join(' ');
}
