import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { ECLASSES } from './eclasses.ts';
import { SYSTEM, VIRTUALS } from './gentoo-profile.ts';
import type { VdbPackage } from './vdb.ts';

/** What a profile needs to know of the machine. */
export interface Platform {
  /** Gentoo's name of the architecture, e.g. `amd64`. */
  readonly arch: string;
  /** What the machine's compilers are prefixed with, e.g. `x86_64-linux-gnu`. */
  readonly chost: string;
  /** The folder of libraries below /usr, e.g. `lib/x86_64-linux-gnu`. */
  readonly libraryFolder: string;
}

const PLATFORMS: Readonly<Record<string, readonly [arch: string, chost: string]>> = {
  amd64: ['amd64', 'x86_64-linux-gnu'],
  arm64: ['arm64', 'aarch64-linux-gnu'],
  armhf: ['arm', 'arm-linux-gnueabihf'],
  i386: ['x86', 'i386-linux-gnu'],
  ppc64el: ['ppc64', 'powerpc64le-linux-gnu'],
  riscv64: ['riscv', 'riscv64-linux-gnu'],
  s390x: ['s390', 's390x-linux-gnu'],
};

/** Names of common licences (PMS 4.4.7: an ebuild may only name one that its repository or a master has). */
const LICENCES =
  '0BSD AFL-2.1 AGPL-3 AGPL-3+ Apache-1.1 Apache-2.0 Artistic Artistic-2 BSD BSD-2 BSD-4 Boost-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL EPL-1.0 EPL-2.0 FDL-1.1+ FDL-1.2 FDL-1.2+ FDL-1.3 FDL-1.3+ FTL GPL-1 GPL-1+ GPL-2 GPL-2+ GPL-3 GPL-3+ HPND IBM IJG ISC LGPL-2 LGPL-2+ LGPL-2.1 LGPL-2.1+ LGPL-3 LGPL-3+ MIT MIT-0 MIT-with-advertising MPL-1.1 MPL-2.0 OFL-1.1 PSF-2 PYTHON Ruby SSLeay Sleepycat UoI-NCSA Unlicense W3C WTFPL-2 ZLIB ZPL curl freedist icu libpng libpng2 ngircd openssl pngcrush public-domain tcltk tiff unicode vim';

/** The platform that Debian calls `architecture`; undefined for one that Gentoo has no name for here. */
export function platformOf(architecture: string): Platform | undefined {
  const found = PLATFORMS[architecture];
  return found && { arch: found[0], chost: found[1], libraryFolder: `lib/${found[1]}` };
}

/** Gentoo's profiles/arch.list without those of Prefix: every ebuild may ask for any of them (PMS 11.1.1, USE_EXPAND_IMPLICIT). */
const ARCHITECTURES = 'alpha amd64 arm arm64 hppa ia64 loong m68k mips ppc ppc64 riscv s390 sparc x86';

/** Writes the repository `gentoo` (profile, categories, eclasses; PMS 4 and 5) into `folder`. */
export function writeRepository(
  folder: string,
  platform: Platform,
  packages: readonly Pick<VdbPackage, 'category' | 'name' | 'version'>[],
  categories: readonly string[],
): void {
  const { arch, chost, libraryFolder } = platform;
  const profile = `default/linux/${arch}/practice`;
  const installed = new Map(packages.map(({ category, name, version }) => [`${category}/${name}`, version]));
  const system = SYSTEM.filter((atom) =>
    installed.has(atom.replace(/^[<>=~]+/, '').replace(/-\d[\d.]*$|:.*$/, '')),
  );
  const files: Record<string, string> = {
    'metadata/layout.conf': [
      'masters =',
      'cache-formats = md5-dict',
      'thin-manifests = true',
      'manifest-hashes = BLAKE2B SHA512',
      'manifest-required-hashes = BLAKE2B',
      'sign-commits = false',
      'sign-manifests = false',
      'profile-formats = portage-2',
      '',
    ].join('\n'),
    'profiles/repo_name': 'gentoo\n',
    'profiles/eapi': '8\n',
    'profiles/arch.list': `${ARCHITECTURES.replaceAll(' ', '\n')}\n`,
    'profiles/categories': `${categories.join('\n')}\n`,
    'profiles/profiles.desc': `${arch} ${profile} stable\n`,
    'profiles/use.desc': 'test - Enable dependencies and preparations for running tests\n',
    'profiles/base/eapi': '8\n',
    'profiles/base/packages': system.map((atom) => `*${atom}\n`).join(''),
    'profiles/base/make.defaults': [
      'IUSE_IMPLICIT="prefix prefix-guest prefix-stack"',
      'USE_EXPAND_IMPLICIT="ARCH ELIBC KERNEL"',
      'USE_EXPAND_UNPREFIXED="ARCH"',
      `USE_EXPAND_VALUES_ARCH="${ARCHITECTURES}"`,
      'USE_EXPAND_VALUES_ELIBC="glibc musl"',
      'USE_EXPAND_VALUES_KERNEL="Darwin linux SunOS"',
      'USE_EXPAND="ABI_X86 ELIBC KERNEL LUA_TARGETS PYTHON_TARGETS"',
      'USE_EXPAND_HIDDEN="ELIBC KERNEL"',
      'ELIBC="glibc"',
      ...targets('python', '_', installed),
      ...targets('lua', '-', installed),
      'KERNEL="linux"',
      'ACCEPT_LICENSE="*"',
      'ENV_UNSET="DBUS_SESSION_BUS_ADDRESS DISPLAY PERL5LIB PERL5OPT XAUTHORITY XDG_CACHE_HOME XDG_CONFIG_HOME XDG_RUNTIME_DIR"',
      '',
    ].join('\n'),
    [`profiles/${profile}/eapi`]: '8\n',
    [`profiles/${profile}/parent`]: '../../../../base\n',
    [`profiles/${profile}/make.defaults`]: [
      `ARCH="${arch}"`,
      `ACCEPT_KEYWORDS="${arch}"`,
      `CHOST="${chost}"`,
      `ABI="${arch}"`,
      `DEFAULT_ABI="${arch}"`,
      `MULTILIB_ABIS="${arch}"`,
      ...(arch === 'amd64' ? ['ABI_X86="64"'] : []),
      // Debian keeps libraries in folders per architecture, where Gentoo says lib64.
      `LIBDIR_${arch}="${libraryFolder}"`,
      'CFLAGS="-O2 -pipe"',
      'CXXFLAGS="-O2 -pipe"',
      'LDFLAGS="-Wl,-O1 -Wl,--as-needed"',
      '',
    ].join('\n'),
    'licenses/metapackage': 'Stands for the licences of packages that hold no files.\n',
  };
  for (const licence of LICENCES.split(' ')) files[`licenses/${licence}`] = `${licence}\n`;
  for (const [name, text] of Object.entries(ECLASSES)) files[`eclass/${name}.eclass`] = text;
  // pkgcore takes a repository without packages for one that is missing.
  for (const { name, version, slot = '0', provider, rdepend } of VIRTUALS) {
    files[`${name}/${name.split('/')[1]}-${version}.ebuild`] = [
      'EAPI=8',
      '',
      `DESCRIPTION="Virtual for ${provider}"`,
      `SLOT="${slot}"`,
      `KEYWORDS="${arch}"`,
      '',
      `RDEPEND="${rdepend}"`,
      '',
    ].join('\n');
  }
  writeFiles(folder, files);
  mkdirSync(`${folder}/metadata/md5-cache`, { recursive: true });
}

/** The line of make.defaults with which ebuilds are built for the installed version of a language, e.g. `PYTHON_TARGETS="python3_11"`. */
function targets(language: string, between: string, installed: ReadonlyMap<string, string>): string[] {
  const version = installed.get(`dev-lang/${language}`)?.split('.').slice(0, 2).join(between);
  return version === undefined ? [] : [`${language.toUpperCase()}_TARGETS="${language}${version}"`];
}

/** Writes /etc/portage of the practice root into `folder`. */
export function writePortageConfiguration(folder: string, platform: Platform): void {
  writeFiles(folder, {
    'make.conf': [
      `CHOST="${platform.chost}"`,
      `ACCEPT_KEYWORDS="~${platform.arch}"`,
      'USE=""',
      'PORTAGE_ELOG_SYSTEM="echo"',
      '',
    ].join('\n'),
    'repos.conf/gentoo.conf': [
      '[DEFAULT]',
      'main-repo = gentoo',
      '',
      '[gentoo]',
      'location = /var/db/repos/gentoo',
      'auto-sync = no',
      '',
    ].join('\n'),
  });
  symlinkSync(
    `../../var/db/repos/gentoo/profiles/default/linux/${platform.arch}/practice`,
    `${folder}/make.profile`,
  );
}

/** Writes files below `folder`, making the folders that they need. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
    writeFileSync(path, text);
  }
}
