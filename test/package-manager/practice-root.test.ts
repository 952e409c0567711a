import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { machineAt, parseStatus } from '../../scripts/practice-root/dpkg.ts';
import {
  cutOwner,
  gentooFlags,
  gentooName,
  gentooSlot,
  gentooVersion,
} from '../../scripts/practice-root/gentoo-names.ts';
import { GENTOO_PACKAGES } from '../../scripts/practice-root/gentoo-packages.ts';
import { makePracticeRoot } from '../../scripts/practice-root/practice-root.ts';
import { parseAtom } from '../../server/src/pms/atom.ts';

let folder: string;
let machine: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-root-'));
  machine = join(folder, 'machine');
  root = join(folder, 'root');
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text = ''): void {
  const file = join(machine, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const STATUS = `Package: libc6
Source: glibc
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Essential: yes
Version: 2.36-9+deb12u10
Installed-Size: 100

Package: libpng-dev
Source: libpng1.6
Status: install ok installed
Architecture: amd64
Version: 1.6.39-2
Installed-Size: 10
Depends: libpng16-16 (= 1.6.39-2), zlib1g-dev | libz-dev
Description: PNG "library"
 more

Package: libpng16-16
Source: libpng1.6 (1.6.39-2)
Status: install ok installed
Architecture: amd64
Version: 1.6.39-2
Installed-Size: 900
Depends: libc6 (>= 2.29), zlib1g

Package: zlib1g-dev
Source: zlib
Status: install ok installed
Architecture: amd64
Version: 1:1.2.13.dfsg-1
Depends: libc6

Package: gawk
Status: install ok installed
Architecture: amd64
Version: 1:5.2.1-2

Package: libwww-perl
Status: install ok installed
Architecture: all
Version: 6.68-1
Depends: perl:any, libwww-nothing-perl, debconf

Package: libxml-parser-perl
Status: install ok installed
Architecture: amd64
Version: 2.46-4
Depends: libwww-perl, libc6

Package: python3-yaml
Source: pyyaml
Status: install ok installed
Architecture: amd64
Version: 6.0-3

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: odd-2.0
Status: install ok installed
Architecture: all
Version: 20230101~git1
Conffiles:
 /etc/odd.conf a2b6f2a6066ed8700d83335fc50a2b8e
 /etc/edited.conf 0123456789abcdef0123456789abcdef
`;

/** A merged-usr machine with a few packages; dpkg gives one of the paths without /usr. */
function putMachine(): void {
  put('var/lib/dpkg/status', STATUS);
  put('var/lib/dpkg/info/gawk.list', '/usr/bin/gawk\n/usr/bin/make\n');
  put('var/lib/dpkg/alternatives/awk', 'auto\n/usr/bin/awk\n\n/usr/bin/gawk\n10\n\n');
  put('var/lib/dpkg/info/libc6:amd64.list', '/.\n/lib\n/lib/libc.so.6\n');
  put(
    'var/lib/dpkg/info/libpng-dev:amd64.list',
    '/.\n/usr\n/usr/include\n/usr/include/png.h\n/usr/lib/libpng.so\n',
  );
  put('var/lib/dpkg/info/libpng-dev:amd64.md5sums', 'd41d8cd98f00b204e9800998ecf8427e  usr/include/png.h\n');
  put('var/lib/dpkg/info/libpng16-16:amd64.list', '/usr/lib/libpng16.so.16\n/usr/share/not-there\n');
  put('var/lib/dpkg/info/libxml-parser-perl.list', '/usr/lib/perl5/XML/Parser.pm\n');
  put(
    'var/lib/dpkg/info/python3-yaml.list',
    '/usr/lib/python3/dist-packages/PyYAML-6.0.egg-info/PKG-INFO\n/usr/lib/python3/dist-packages/yaml/x.py\n',
  );
  put('var/lib/dpkg/info/odd-2.0.list', '/etc/odd.conf\n/etc/edited.conf\n/var/lib/odd/state\n');
  for (const path of [
    'usr/lib/libc.so.6',
    'usr/include/png.h',
    'usr/lib/libpng16.so.16',
    'usr/lib/perl5/XML/Parser.pm',
    'usr/lib/python3/dist-packages/PyYAML-6.0.egg-info/PKG-INFO',
    'usr/bin/make',
    'usr/bin/gawk',
  ])
    put(path);
  chmodSync(join(machine, 'usr/bin/make'), 0o755);
  symlinkSync('libpng16.so.16', join(machine, 'usr/lib/libpng.so'));
  symlinkSync('usr/lib', join(machine, 'lib'));
  symlinkSync('/etc/alternatives/awk', join(machine, 'usr/bin/awk'));
  mkdirSync(join(machine, 'etc/alternatives'), { recursive: true });
  symlinkSync('/usr/bin/gawk', join(machine, 'etc/alternatives/awk'));
  put('var/lib/odd/state');
  put('etc/odd.conf', 'odd');
  put('etc/edited.conf', 'mine');
  put('etc/shadow', 'secret');
  put('etc/ssh/key', 'secret');
  put('etc/passwd', 'me:x:1000:1000::/home/me:/bin/sh\n');
}

const SEEDS = ['libpng-dev', 'gawk', 'libxml-parser-perl', 'python3-yaml', 'odd-2.0'];
const make = (mountPoints: readonly string[] = []): boolean =>
  makePracticeRoot({ machine: machineAt(machine), root, seeds: SEEDS, mountPoints });
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('makePracticeRoot', () => {
  test('writes what Gentoo would have recorded for the same files', () => {
    putMachine();
    expect(make(['/srv/portage'])).toBe(true);
    expect(read('var/db/pkg/media-libs/libpng-1.6.39/CONTENTS')).toMatch(
      /^dir \/usr\ndir \/usr\/include\nobj \/usr\/include\/png\.h d41d8cd98f00b204e9800998ecf8427e \d+\nsym \/usr\/lib\/libpng\.so -> libpng16\.so\.16 \d+\nobj \/usr\/lib\/libpng16\.so\.16 0{32} \d+\n$/,
    );
    expect(read('var/db/pkg/media-libs/libpng-1.6.39/RDEPEND')).toBe('sys-libs/zlib\n');
    expect(read('var/db/pkg/media-libs/libpng-1.6.39/SLOT')).toBe('0/16\n');
    expect(read('var/db/pkg/media-libs/libpng-1.6.39/repository')).toBe('gentoo\n');
    // A link that Gentoo chooses by app-alternatives belongs to that package, and the links at the top have no owner.
    expect(read('var/db/pkg/app-alternatives/awk-4/CONTENTS')).toMatch(/^sym \/usr\/bin\/awk -> /);
    expect(read('var/db/pkg/sys-libs/glibc-2.36/CONTENTS')).not.toMatch(/ \/lib /);
    // The parent is resolved, as in a trace.
    expect(read('var/db/pkg/sys-libs/glibc-2.36/CONTENTS')).toMatch(/obj \/usr\/lib\/libc\.so\.6 /);
    expect(existsSync(join(root, 'var/db/pkg/sys-libs/zlib-1.2.13/CONTENTS'))).toBe(true);
    // Perl and Python distributions have upstream's names, which only their files give.
    expect(read('var/db/pkg/dev-perl/XML-Parser-2.460.0/RDEPEND')).toBe('dev-perl/libwww-perl\n');
    expect(read('var/db/pkg/dev-python/pyyaml-6.0/SLOT')).toBe('0\n');
    // A file that is not in the root has no owner.
    expect(read('var/db/pkg/app-debian/odd_2_0-20230101/CONTENTS')).toMatch(
      /^obj \/etc\/odd\.conf a2b6f2a6066ed8700d83335fc50a2b8e \d+\n$/,
    );
    expect(read('var/db/pkg/virtual/libc-1-r1/RDEPEND')).toBe('sys-libs/glibc:2.2\n');
    expect(existsSync(join(root, 'var/db/pkg/virtual/pkgconfig-3'))).toBe(false);
  });
  test('looks like a Gentoo system', () => {
    putMachine();
    make(['/srv/portage', '/usr/inside']);
    expect(lstatSync(join(root, 'usr')).isDirectory()).toBe(true);
    expect(readlinkSync(join(root, 'lib'))).toBe('usr/lib');
    expect(existsSync(join(root, 'usr/lib/libc.so.6'))).toBe(true);
    expect(lstatSync(join(root, 'srv/portage')).isDirectory()).toBe(true);
    expect(lstatSync(join(root, 'usr/inside')).isDirectory()).toBe(true);
    expect(existsSync(join(machine, 'usr/inside'))).toBe(false);
    const profile = readlinkSync(join(root, 'etc/portage/make.profile'));
    expect(readFileSync(join(root, 'etc/portage', profile, 'make.defaults'), 'utf8')).toContain(
      'ARCH="amd64"',
    );
    expect(read('var/db/repos/gentoo/profiles/base/packages')).toBe(
      '*app-alternatives/awk\n*sys-apps/gawk\n*virtual/libc\n',
    );
    expect(read('etc/passwd')).toMatch(/^root:.*\nportage:x:250:250:.*\n$/);
    expect(readlinkSync(join(root, 'usr/bin/awk'))).toBe('/etc/alternatives/awk');
    expect(readlinkSync(join(root, 'etc/alternatives/awk'))).toBe('/usr/bin/gawk');
    expect(readlinkSync(join(root, 'opt/practice/bin/gmake'))).toBe('/usr/bin/make');
  });
  test('leaves out what is private, and configuration that has been edited', () => {
    putMachine();
    make();
    expect(read('etc/odd.conf')).toBe('odd');
    expect(existsSync(join(root, 'etc/edited.conf'))).toBe(false);
    expect(existsSync(join(root, 'etc/shadow'))).toBe(false);
    expect(existsSync(join(root, 'etc/ssh'))).toBe(false);
  });
  test('is made again only when the machine has changed, and keeps the distfiles', () => {
    putMachine();
    expect(make()).toBe(true);
    writeFileSync(join(root, 'var/cache/distfiles/a.tar'), 'a');
    expect(make()).toBe(false);
    put(
      'var/lib/dpkg/status',
      STATUS.replace('1.6.39-2\nInstalled-Size: 10', '1.6.40-1\nInstalled-Size: 1000'),
    );
    expect(make()).toBe(true);
    expect(existsSync(join(root, 'var/db/pkg/media-libs/libpng-1.6.39'))).toBe(false);
    expect(existsSync(join(root, 'var/db/pkg/media-libs/libpng-1.6.40'))).toBe(true);
    expect(read('var/cache/distfiles/a.tar')).toBe('a');
  });
  test('says what to do without a dpkg database', () => {
    mkdirSync(machine);
    expect(() => make()).toThrow(
      'This machine has no dpkg database to make a practice root from; set ebuildAudit.root to a Gentoo system.',
    );
    expect(existsSync(root)).toBe(false);
  });
  test('says what to do where a package that it is to have is not installed', () => {
    putMachine();
    const request = { machine: machineAt(machine), root, mountPoints: [] };
    expect(() => makePracticeRoot({ ...request, seeds: ['gawk', 'gone'] })).toThrow(
      'Run: apt-get install gone. The practice root is to have it, and it is not installed.',
    );
  });
});

describe('a Debian package that Gentoo cuts', () => {
  const stanza = (name: string, source: string) =>
    `Package: ${name}\nSource: ${source}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.15.8-1\n\n`;
  const contents = (name: string) =>
    read(`var/db/pkg/dev-qt/${name}-5.15.8/CONTENTS`)
      .split('\n')
      .map((line) => line.split(' ').slice(0, 2).join(' '));
  test('has its files in each of the Gentoo packages, and the folders of a file with it', () => {
    const qt = 'qtbase-opensource-src';
    put('var/lib/dpkg/status', `${STATUS}\n${stanza('qtbase5-dev', qt)}${stanza('libqt5widgets5', qt)}`);
    put(
      'var/lib/dpkg/info/qtbase5-dev.list',
      '/usr/include\n/usr/include/qt5\n/usr/include/qt5/QtCore/QObject\n/usr/include/qt5/QtWidgets\n/usr/include/qt5/QtWidgets/QLabel\n/usr/include/qt5/QtXml/QDom\n',
    );
    put('var/lib/dpkg/info/libqt5widgets5.list', '/usr/lib/libQt5Widgets.so.5\n');
    for (const header of ['QtCore/QObject', 'QtWidgets/QLabel', 'QtXml/QDom'])
      put(`usr/include/qt5/${header}`);
    put('usr/lib/libQt5Widgets.so.5');
    makePracticeRoot({
      machine: machineAt(machine),
      root,
      seeds: ['qtbase5-dev', 'libqt5widgets5'],
      mountPoints: [],
    });
    expect(contents('qtwidgets')).toEqual([
      'dir /usr/include',
      'dir /usr/include/qt5',
      'dir /usr/include/qt5/QtWidgets',
      'obj /usr/include/qt5/QtWidgets/QLabel',
      'obj /usr/lib/libQt5Widgets.so.5',
      '',
    ]);
    // No package of this machine is qtxml, so its headers stay where they are.
    expect(contents('qtcore')).toEqual([
      'dir /usr/include',
      'dir /usr/include/qt5',
      'obj /usr/include/qt5/QtCore/QObject',
      'obj /usr/include/qt5/QtXml/QDom',
      '',
    ]);
  });
  test.each([
    ['/usr/include/x86_64-linux-gnu/qt5/QtGui/QIcon', 'dev-qt/qtgui'],
    ['/usr/lib/x86_64-linux-gnu/libQt5Gui.so', 'dev-qt/qtgui'],
    ['/usr/lib/x86_64-linux-gnu/cmake/Qt5Gui/Qt5Gui_QGifPlugin.cmake', 'dev-qt/qtgui'],
    ['/usr/lib/x86_64-linux-gnu/pkgconfig/Qt5Xml.pc', 'dev-qt/qtxml'],
    ['/usr/lib/x86_64-linux-gnu/qt5/mkspecs/modules/qt_lib_dbus.pri', 'dev-qt/qtdbus'],
    ['/usr/lib/qt5/bin/uic', 'dev-qt/qtwidgets'],
    ['/usr/lib/qt5/bin/moc', undefined],
    ['/usr/lib/x86_64-linux-gnu/libQt5Core.so', undefined],
    ['/usr/include/x86_64-linux-gnu/qt5/QtXmlPatterns/QXmlQuery', undefined],
  ])('%s belongs to %s', (path, owner) => {
    expect(cutOwner('dev-qt/qtcore', path)).toBe(owner);
    expect(cutOwner('dev-libs/any', path)).toBeUndefined();
  });
});

describe('parseStatus', () => {
  test('reads the installed packages and what each dependency can be satisfied by', () => {
    const packages = parseStatus(STATUS);
    expect(packages.map(({ name, source }) => `${name} of ${source}`)).toEqual([
      'libc6 of glibc',
      'libpng-dev of libpng1.6',
      'libpng16-16 of libpng1.6',
      'zlib1g-dev of zlib',
      'gawk of gawk',
      'libwww-perl of libwww-perl',
      'libxml-parser-perl of libxml-parser-perl',
      'python3-yaml of pyyaml',
      'odd-2.0 of odd-2.0',
    ]);
    expect(packages[1]?.dependsOn).toEqual([['libpng16-16'], ['zlib1g-dev', 'libz-dev']]);
  });
  test('is total', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(parseStatus(text))));
  });
});

describe('Gentoo names', () => {
  test.each([
    ['libpng16-16', 'libpng1.6', 'media-libs/libpng'],
    ['libgcc-s1', 'gcc-14', 'sys-devel/gcc'],
    ['gcc-12-x86-64-linux-gnu', 'gcc-12-cross', 'sys-devel/gcc'],
    ['libgcrypt20', 'libgcrypt20', 'dev-libs/libgcrypt'],
    ['python3.11-venv', 'python3.11', 'dev-lang/python'],
    ['liburi-perl', 'liburi-perl', 'dev-perl/liburi-perl'],
    ['libboost1.74-dev', 'boost1.74', 'dev-libs/boost'],
    ['linux-libc-dev', 'linux', 'sys-kernel/linux-headers'],
    ['libltdl7', 'libtool', 'dev-libs/libltdl'],
    ['libtool', 'libtool', 'dev-build/libtool'],
    ['libodd2', 'odd-2.0', 'dev-libs/odd_2_0'],
  ])('%s of %s is %s', (name, source, gentoo) => {
    expect(gentooName({ name, source })).toBe(gentoo);
  });
  test.each([
    ['python3-yaml', '/usr/lib/python3/dist-packages/PyYAML-6.0.egg-info', 'dev-python/pyyaml'],
    [
      'python3-tomli-w',
      '/usr/lib/python3/dist-packages/tomli_w-1.0.0.dist-info/RECORD',
      'dev-python/tomli-w',
    ],
    ['libjson-xs-perl', '/usr/lib/x86_64-linux-gnu/perl5/5.36/JSON/XS.pm', 'dev-perl/JSON-XS'],
    ['libtext-charwidth-perl', '/usr/lib/perl5/Text/CharWidth.pm', 'dev-perl/Text-CharWidth'],
  ])('%s with %s is %s', (name, path, gentoo) => {
    expect(gentooName({ name, source: name }, () => [path])).toBe(gentoo);
  });
  test.each([
    ['1:1.2.13.dfsg-1', '1.2.13'],
    ['3.0.19-1~deb12u2', '3.0.19'],
    ['2.36-9+deb12u10', '2.36'],
    ['1.1.1w-0+deb11u1', '1.1.1w'],
    ['20230311', '20230311'],
    ['0~git2020', '0'],
    ['r1', '0'],
  ])('version %s is %s', (debian, gentoo) => {
    expect(gentooVersion('dev-libs/any', debian)).toBe(gentoo);
  });
  test.each([
    ['2.46-4', '2.460.0'],
    ['0.09-2', '0.90.0'],
    ['4.10000-1', '4.100.0'],
    ['1.2.0-2', '1.2.0'],
  ])('version %s of a Perl distribution is %s', (debian, gentoo) => {
    expect(gentooVersion('dev-perl/Any', debian)).toBe(gentoo);
  });
  test('a version is always one that PMS 3.2 allows', () => {
    const name = fc.constantFrom('dev-perl/Any', 'dev-libs/any');
    fc.assert(
      fc.property(name, fc.string(), (gentoo, version) =>
        /^\d+(\.\d+)*[a-z]?$/.test(gentooVersion(gentoo, version)),
      ),
    );
  });
  test('flags of Python and of ABIs are those of the machine', () => {
    const python = 'python_targets_python3_11';
    expect(gentooFlags('dev-python/any', 'amd64', python)).toEqual({ iuse: python, use: python });
    expect(gentooFlags('dev-python/any', 'amd64', undefined)).toEqual({ iuse: '', use: '' });
    expect(gentooFlags('media-libs/opus', 'amd64', python)).toEqual({
      iuse: 'abi_x86_32 abi_x86_64',
      use: 'abi_x86_64',
    });
    expect(gentooFlags('media-libs/opus', 'arm64', python)).toEqual({ iuse: '', use: '' });
  });
  test('every package of the table can be written: its name, slot and flags are what PMS 3 allows', () => {
    for (const { name, slot, iuse = '', use = '' } of GENTOO_PACKAGES) {
      expect(parseAtom(`${name}:${gentooSlot(name, '1.2.3').split('/')[0]}`)).toMatchObject({ errors: [] });
      expect(slot ?? '0').toMatch(/^[\w.{}-]+(\/[\w.{}-]+)?$/);
      const flags = iuse.split(' ').map((flag) => flag.replace('+', ''));
      for (const flag of use.split(' ').filter(Boolean)) expect(flags).toContain(flag);
    }
  });
});
