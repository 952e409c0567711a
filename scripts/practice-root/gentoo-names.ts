import type { DebianPackage } from './dpkg.ts';

/**
 * What Gentoo calls the packages that Debian cuts differently. Several Debian packages (library, headers, tools) become one
 * Gentoo package; a Debian package that no line names keeps its own name in a guessed category.
 */
const NAMES: readonly (readonly [gentoo: string, debian: RegExp])[] = [
  ['app-arch/bzip2', /^(bzip2|libbz2-(1\.0|dev))$/],
  ['app-arch/cpio', /^cpio$/],
  ['app-arch/gzip', /^gzip$/],
  ['app-arch/tar', /^tar$/],
  ['app-arch/unzip', /^unzip$/],
  ['app-arch/xz-utils', /^(xz-utils|liblzma(5|-dev))$/],
  ['app-arch/zstd', /^(zstd|libzstd(1|-dev))$/],
  ['app-misc/pax-utils', /^pax-utils$/],
  ['app-shells/bash', /^bash$/],
  ['app-shells/dash', /^dash$/],
  ['dev-build/autoconf', /^autoconf$/],
  ['dev-build/automake', /^automake$/],
  ['dev-build/cmake', /^cmake(-data)?$/],
  ['dev-build/libtool', /^(libtool|libltdl(7|-dev))$/],
  ['dev-build/make', /^make$/],
  ['dev-build/meson', /^meson$/],
  ['dev-build/ninja', /^ninja-build$/],
  ['dev-db/sqlite', /^(libsqlite3-(0|dev)|sqlite3)$/],
  ['dev-debug/strace', /^strace$/],
  ['dev-lang/perl', /^(perl|perl-base|perl-modules-.*|libperl5.*)$/],
  ['dev-lang/python', /^((lib)?python3(\.\d+)?(-minimal|-stdlib|-dev|-distutils|-venv)?|libpython3.*)$/],
  ['dev-libs/expat', /^libexpat1(-dev)?$/],
  ['dev-libs/glib', /^libglib2\.0-(0|0t64|dev|dev-bin|bin|data)$/],
  ['dev-libs/gmp', /^(libgmp10|libgmp-dev|libgmpxx4ldbl)$/],
  ['dev-libs/icu', /^(libicu(\d+|-dev)|icu-devtools)$/],
  ['dev-libs/libffi', /^libffi(8|-dev)$/],
  ['dev-libs/libpcre2', /^libpcre2-.*$/],
  ['dev-libs/libxml2', /^libxml2(-dev|-utils)?$/],
  ['dev-libs/openssl', /^(libssl(3|3t64|-dev)|openssl)$/],
  ['dev-util/pkgconf', /^(pkgconf(-bin)?|pkg-config|libpkgconf\d+)$/],
  ['dev-vcs/git', /^(git|git-man)$/],
  ['media-libs/freetype', /^libfreetype(6|-dev)$/],
  [
    'media-libs/libjpeg-turbo',
    /^(libjpeg(62-turbo|-turbo8|-turbo8-dev|62-turbo-dev|8|-dev|8-dev)|libturbojpeg.*)$/,
  ],
  ['media-libs/libpng', /^libpng(16-16|16-16t64|-dev|-tools)$/],
  ['media-libs/tiff', /^libtiff(\d*|xx6|-dev|5-dev|-tools)$/],
  ['net-misc/curl', /^(curl|libcurl.*)$/],
  ['net-misc/rsync', /^rsync$/],
  ['net-misc/wget', /^wget$/],
  ['sys-apps/acl', /^(libacl1(-dev)?|acl)$/],
  ['sys-apps/attr', /^(libattr1(-dev)?|attr)$/],
  ['sys-apps/baselayout', /^(base-files|base-passwd|netbase)$/],
  ['sys-apps/bubblewrap', /^bubblewrap$/],
  ['sys-apps/coreutils', /^coreutils$/],
  ['sys-apps/diffutils', /^diffutils$/],
  ['sys-apps/file', /^(file|libmagic.*)$/],
  ['sys-apps/findutils', /^findutils$/],
  ['sys-apps/gawk', /^gawk$/],
  ['sys-apps/grep', /^grep$/],
  ['sys-apps/less', /^less$/],
  ['sys-apps/mawk', /^mawk$/],
  ['sys-apps/sed', /^sed$/],
  ['sys-apps/shadow', /^(passwd|login)$/],
  [
    'sys-apps/util-linux',
    /^(util-linux(-extra)?|libuuid1|uuid-dev|libblkid.*|libmount.*|mount|bsdutils|libsmartcols.*|libfdisk.*)$/,
  ],
  ['sys-apps/which', /^debianutils$/],
  ['sys-devel/binutils', /^(binutils.*|libbinutils|libctf.*|libgprofng0|libsframe\d+)$/],
  ['sys-devel/bison', /^bison$/],
  ['sys-devel/flex', /^(flex|libfl2|libfl-dev)$/],
  [
    'sys-devel/gcc',
    /^((gcc|g\+\+|cpp)(-\d+)?(-[\w-]*linux-gnu.*)?|gcc-\d+-base|libg?cc1?-.*|libgcc-s1|libstdc\+\+.*|lib(asan|ubsan|tsan|lsan|itm|gomp|quadmath|atomic|cc1|objc|gfortran|hwasan)[\d-].*)$/,
  ],
  ['sys-devel/gettext', /^gettext(-base)?$/],
  ['sys-devel/m4', /^m4$/],
  ['sys-devel/patch', /^patch$/],
  ['sys-kernel/linux-headers', /^linux-libc-dev$/],
  ['sys-libs/glibc', /^(libc6(-dev)?|libc-bin|libc-dev-bin|locales|libc-l10n)$/],
  ['sys-libs/libxcrypt', /^(libcrypt1|libcrypt-dev)$/],
  ['sys-libs/ncurses', /^(libncurses.*|libtinfo.*|ncurses-.*)$/],
  ['sys-libs/pam', /^libpam.*$/],
  ['sys-libs/readline', /^(libreadline(8|8t64|-dev)|readline-common)$/],
  ['sys-libs/zlib', /^zlib1g(-dev)?$/],
  ['sys-process/procps', /^(procps|libproc2-.*)$/],
];

/** The Debian package whose version is the Gentoo package's, where it is not the biggest one. */
const VERSION_FROM: readonly (readonly [gentoo: string, debian: RegExp])[] = [
  ['sys-devel/gcc', /^gcc-\d+$/],
  ['dev-lang/python', /^python3\.\d+$/],
  ['dev-lang/perl', /^perl-base$/],
];

/** Slots and subslots as Gentoo's ebuilds have them, where they are not 0. */
const SLOTS: Readonly<Record<string, (version: string) => string>> = {
  'dev-db/sqlite': () => '3',
  'dev-lang/perl': (version) => `0/${version.split('.').slice(0, 2).join('.')}`,
  'dev-lang/python': (version) => version.split('.').slice(0, 2).join('.'),
  'dev-libs/glib': () => '2',
  'dev-libs/libxml2': () => '2',
  'dev-libs/openssl': (version) => `0/${version.split('.')[0]}`,
  'media-libs/libpng': () => '0/16',
  'sys-devel/gcc': (version) => version.split('.')[0] ?? '0',
  'sys-libs/glibc': () => '2.2',
  'sys-libs/ncurses': () => '0/6',
  'sys-libs/readline': () => '0/8',
  'sys-libs/zlib': () => '0/1',
};

/** USE flags that other ebuilds ask for: what there is, and what of it Debian's build has. */
const FLAGS: Readonly<Record<string, { readonly iuse: string; readonly use: string }>> = {
  'dev-util/pkgconf': { iuse: '+pkg-config', use: 'pkg-config' },
  'media-libs/libpng': { iuse: 'apng static-libs', use: 'static-libs' },
  'sys-libs/ncurses': { iuse: '+cxx static-libs +tinfo', use: 'cxx static-libs tinfo' },
  'sys-libs/zlib': { iuse: 'minizip static-libs', use: 'static-libs' },
};

/** Packages without files that stand for another; installed where what they stand for is. */
export const VIRTUALS: readonly {
  readonly name: string;
  readonly version: string;
  readonly provider: string;
  readonly rdepend: string;
}[] = [
  { name: 'app-alternatives/ninja', version: '1', provider: 'dev-build/ninja', rdepend: 'dev-build/ninja' },
  { name: 'app-alternatives/awk', version: '4', provider: 'sys-apps/gawk', rdepend: 'sys-apps/gawk' },
  { name: 'app-alternatives/sh', version: '1', provider: 'app-shells/dash', rdepend: 'app-shells/dash' },
  { name: 'virtual/libc', version: '1-r1', provider: 'sys-libs/glibc', rdepend: 'sys-libs/glibc:2.2' },
  {
    name: 'virtual/libcrypt',
    version: '2-r1',
    provider: 'sys-libs/libxcrypt',
    rdepend: 'sys-libs/libxcrypt',
  },
  {
    name: 'virtual/os-headers',
    version: '0-r2',
    provider: 'sys-kernel/linux-headers',
    rdepend: 'sys-kernel/linux-headers:0',
  },
  {
    name: 'virtual/pkgconfig',
    version: '3',
    provider: 'dev-util/pkgconf',
    rdepend: 'dev-util/pkgconf[pkg-config(+)]',
  },
];

/**
 * Gentoo's profiles/base/packages, and dash, which is what /bin/sh is on Debian; what the machine lacks is left out of the
 * practice root's.
 */
export const SYSTEM: readonly string[] = [
  'app-alternatives/awk',
  'app-alternatives/sh',
  'app-arch/bzip2',
  'app-arch/gzip',
  'app-arch/tar',
  'app-arch/xz-utils',
  'app-shells/bash:0',
  'app-shells/dash',
  'dev-build/make',
  'net-misc/rsync',
  'net-misc/wget',
  'sys-apps/baselayout',
  'sys-apps/coreutils',
  'sys-apps/diffutils',
  'sys-apps/file',
  '>=sys-apps/findutils-4.4',
  'sys-apps/gawk',
  'sys-apps/grep',
  'sys-apps/less',
  'sys-apps/sed',
  'sys-apps/shadow',
  'sys-apps/util-linux',
  'sys-apps/which',
  'sys-devel/binutils',
  'sys-devel/gcc',
  '>=sys-devel/patch-2.7',
  'sys-process/procps',
  'virtual/libc',
  'virtual/os-headers',
];

/** The Gentoo name (category/PN) of a Debian package. */
export function gentooName(debian: string): string {
  const known = NAMES.find(([, pattern]) => pattern.test(debian));
  if (known !== undefined) return known[0];
  const python = /^python3-(.+)$/.exec(debian);
  const name = (python?.[1] ?? debian)
    .replace(/[^A-Za-z0-9+_-]/g, '-')
    // PMS 3.1.2: a package name must not end in a hyphen followed by anything that looks like a version.
    .replace(/-(\d)/g, '_$1');
  if (python !== null) return `dev-python/${name}`;
  if (/^lib.*-perl$/.test(debian)) return `dev-perl/${name}`;
  if (debian.startsWith('fonts-')) return `media-fonts/${name}`;
  return debian.startsWith('lib') ? `dev-libs/${name}` : `app-debian/${name}`;
}

/** The part of a Debian version that PMS 3.2 allows: no epoch, no Debian revision, numbers and one letter. */
export function gentooVersion(debian: string): string {
  const upstream =
    debian
      .replace(/^\d+:/, '')
      .replace(/-[^-]*$/, '')
      .split(/[+~]/)[0] ?? '';
  const match = /^\d+(\.\d+)*([a-z](?![a-z]))?/.exec(upstream.toLowerCase());
  return match?.[0] ?? '0';
}

/** Which of the Debian packages that make up a Gentoo package says its version. */
export function versionLeader(gentoo: string, members: readonly DebianPackage[]): DebianPackage | undefined {
  const rule = VERSION_FROM.find(([name]) => name === gentoo)?.[1];
  return (
    members.find((member) => rule?.test(member.name)) ??
    members.find((member) => member.name === gentoo.split('/')[1]) ??
    [...members].sort((a, b) => b.installedSize - a.installedSize)[0]
  );
}

/** SLOT with subslot of a Gentoo package. */
export function gentooSlot(gentoo: string, version: string): string {
  return SLOTS[gentoo]?.(version) ?? '0';
}

/** IUSE and USE of a Gentoo package, without the profile's implicit flags. */
export function gentooFlags(gentoo: string): { readonly iuse: string; readonly use: string } {
  return FLAGS[gentoo] ?? { iuse: '', use: '' };
}
