/** A package that stands for others; installed where what it stands for is. */
export interface VirtualPackage {
  readonly name: string;
  readonly version: string;
  readonly slot?: string;
  readonly provider: string;
  readonly rdepend: string;
  /** A link that is the package's own on Gentoo. */
  readonly link?: string;
}

/** Packages that stand for others; an app-alternatives has the link to the program that it chooses. */
export const VIRTUALS: readonly VirtualPackage[] = [
  {
    name: 'app-alternatives/awk',
    version: '4',
    provider: 'sys-apps/gawk',
    rdepend: 'sys-apps/gawk',
    link: '/usr/bin/awk',
  },
  { name: 'app-alternatives/bzip2', version: '1', provider: 'app-arch/bzip2', rdepend: 'app-arch/bzip2' },
  { name: 'app-alternatives/gzip', version: '1', provider: 'app-arch/gzip', rdepend: 'app-arch/gzip' },
  {
    name: 'app-alternatives/lex',
    version: '0-r1',
    provider: 'sys-devel/flex',
    rdepend: 'sys-devel/flex',
    link: '/usr/bin/lex',
  },
  { name: 'app-alternatives/ninja', version: '1', provider: 'dev-build/ninja', rdepend: 'dev-build/ninja' },
  {
    name: 'app-alternatives/sh',
    version: '1',
    provider: 'app-shells/dash',
    rdepend: 'app-shells/dash',
    link: '/usr/bin/sh',
  },
  { name: 'app-alternatives/tar', version: '0', provider: 'app-arch/tar', rdepend: 'app-arch/tar' },
  {
    name: 'app-alternatives/yacc',
    version: '1-r2',
    provider: 'sys-devel/bison',
    rdepend: 'sys-devel/bison',
    link: '/usr/bin/yacc',
  },
  { name: 'virtual/acl', version: '0-r2', provider: 'sys-apps/acl', rdepend: 'sys-apps/acl' },
  { name: 'virtual/krb5', version: '0-r1', provider: 'app-crypt/mit-krb5', rdepend: 'app-crypt/mit-krb5' },
  { name: 'virtual/libc', version: '1-r1', provider: 'sys-libs/glibc', rdepend: 'sys-libs/glibc:2.2' },
  {
    name: 'virtual/libcrypt',
    version: '2-r1',
    slot: '0/2',
    provider: 'sys-libs/libxcrypt',
    rdepend: 'sys-libs/libxcrypt',
  },
  { name: 'virtual/libiconv', version: '0-r2', provider: 'sys-libs/glibc', rdepend: '' },
  { name: 'virtual/libintl', version: '0-r2', provider: 'sys-libs/glibc', rdepend: '' },
  {
    name: 'virtual/libudev',
    version: '251-r2',
    slot: '0/1',
    provider: 'sys-apps/systemd',
    rdepend: '>=sys-apps/systemd-251',
  },
  {
    name: 'virtual/libusb',
    version: '1-r2',
    slot: '1',
    provider: 'dev-libs/libusb',
    rdepend: '>=dev-libs/libusb-1.0.19:1',
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
  { name: 'virtual/rust', version: '1.63.0', provider: 'dev-lang/rust', rdepend: '>=dev-lang/rust-1.63' },
  {
    name: 'virtual/perl-ExtUtils-MakeMaker',
    version: '7.640.0',
    provider: 'dev-lang/perl',
    rdepend: 'dev-lang/perl',
  },
  {
    name: 'virtual/perl-Getopt-Long',
    version: '2.520.0',
    provider: 'dev-lang/perl',
    rdepend: 'dev-lang/perl',
  },
];

/**
 * Gentoo's profiles/base/packages, and dash, which is what /bin/sh is on Debian; what the machine lacks is left out of the
 * practice root's.
 */
export const SYSTEM: readonly string[] = [
  'app-alternatives/awk',
  'app-alternatives/bzip2',
  'app-alternatives/gzip',
  'app-alternatives/sh',
  'app-alternatives/tar',
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
  'sys-apps/kmod',
  'sys-apps/less',
  'sys-apps/sed',
  'sys-apps/shadow',
  'sys-apps/util-linux',
  'sys-apps/which',
  'sys-devel/binutils',
  'sys-devel/gcc',
  'sys-devel/gnuconfig',
  '>=sys-devel/patch-2.7',
  'sys-fs/e2fsprogs',
  'sys-process/procps',
  'sys-process/psmisc',
  'virtual/libc',
  'virtual/os-headers',
];
