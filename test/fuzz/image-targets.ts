import { gzipSync } from 'node:zlib';
import { readArchiveMembers, readZipEntries } from '../../server/src/image/archive.ts';
import { digestContent } from '../../server/src/image/content-digest.ts';
import { readDlopenNotes } from '../../server/src/image/elf/dlopen-notes.ts';
import { type ElfFile, openElf, type ReadBytes } from '../../server/src/image/elf/elf-file.ts';
import { readNeedsOfElf } from '../../server/src/image/elf/elf-needs.ts';
import { readSonameStrings } from '../../server/src/image/elf/elf-strings.ts';
import { readElfSymbols } from '../../server/src/image/elf/elf-symbols.ts';
import { evaluateMarker } from '../../server/src/image/named/environment-marker.ts';
import { readPerlModules } from '../../server/src/image/named/perl-modules.ts';
import { readEntryPoints, readPythonImports } from '../../server/src/image/named/python-imports.ts';
import { readRequirements } from '../../server/src/image/named/python-metadata.ts';
import { readQmlImports } from '../../server/src/image/named/qml-imports.ts';
import { readRubyRequires } from '../../server/src/image/named/ruby-requires.ts';
import { readShellCommands } from '../../server/src/image/named/shell-commands.ts';
import { readGirIncludes, readTypelibDependencies } from '../../server/src/image/named/typelib-file.ts';
import { readRequiredModules } from '../../server/src/image/pkg-config-file.ts';
import { createReadingBudget } from '../../server/src/image/reading-budget.ts';
import {
  readCmakeOptions,
  readConfigureOptions,
  readMesonOptions,
} from '../../server/src/trial/reading/build-options.ts';
import { readCmakeCache, readCmakeChecks } from '../../server/src/trial/reading/cmake-checks.ts';
import { readMesonChecks, readMesonVariables } from '../../server/src/trial/reading/meson-checks.ts';
import { readPerlPrerequisites } from '../../server/src/trial/reading/perl-prerequisites.ts';
import type { FuzzTarget } from './target.ts';

/** A library of four sections and two segments, as small as one can be. One character is one byte. */
function writeElf(): Buffer {
  const strings = '\0libz.so.1\0inflate\0libown.so.2\0/lib64/ld.so\0';
  const names = '\0.dynsym\0.dynstr\0.data\0.shstrtab\0';
  const bytes = Buffer.alloc(1024);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(3, 16);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeBigUInt64LE(512n, 40);
  for (const [at, value] of [
    [54, 56],
    [56, 3],
    [58, 64],
    [60, 5],
    [62, 4],
  ] as const)
    bytes.writeUInt16LE(value, at);
  const segment = (index: number, type: number, offset: number, size: number) => {
    const at = 64 + index * 56;
    bytes.writeUInt32LE(type, at);
    for (const place of [8, 16]) bytes.writeBigUInt64LE(BigInt(offset), at + place);
    bytes.writeBigUInt64LE(BigInt(size), at + 32);
  };
  segment(0, 1, 0, 1024);
  segment(1, 2, 384, 64);
  segment(2, 3, 256 + strings.indexOf('/lib64'), 14);
  bytes.write(strings, 256, 'latin1');
  for (const [index, [tag, value]] of [
    [5, 256],
    [1, 1],
    [14, 19],
    [0, 0],
  ].entries()) {
    bytes.writeBigUInt64LE(BigInt(tag ?? 0), 384 + index * 16);
    bytes.writeBigUInt64LE(BigInt(value ?? 0), 392 + index * 16);
  }
  bytes.writeUInt32LE(11, 456 + 24);
  bytes[456 + 28] = 0x12;
  bytes.write(names, 832, 'latin1');
  const section = (index: number, name: string, [type, flags, offset, size, link]: readonly number[]) => {
    const at = 512 + index * 64;
    bytes.writeUInt32LE(names.indexOf(name), at);
    bytes.writeUInt32LE(type ?? 0, at + 4);
    bytes.writeBigUInt64LE(BigInt(flags ?? 0), at + 8);
    bytes.writeBigUInt64LE(BigInt(offset ?? 0), at + 24);
    bytes.writeBigUInt64LE(BigInt(size ?? 0), at + 32);
    bytes.writeUInt32LE(link ?? 0, at + 40);
  };
  section(1, '.dynsym', [11, 2, 456, 48, 2]);
  section(2, '.dynstr', [3, 2, 256, strings.length, 0]);
  section(3, '.data', [1, 3, 256, 128, 0]);
  section(4, '.shstrtab', [3, 0, 832, names.length, 0]);
  return bytes;
}

const member = (name: string, body: string) =>
  `${`${name}/`.padEnd(48)}${String(body.length).padEnd(10)}\`\n${body}${body.length % 2 === 1 ? '\n' : ''}`;
const ARCHIVE = `!<arch>\n${member('', '\0\0\0\0')}${member('a.o', 'Jan 1 2026 12:34:56')}${member('b.o', 'x')}`;
const ZIP = `PK\x03\x04${'\0'.repeat(26)}aPK\x01\x02${'\0'.repeat(24)}\x01\0${'\0'.repeat(16)}aPK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x1f\0\0\0\0\0`;
const ELF = writeElf().toString('latin1');
const GZIP = gzipSync('built on 2026-01-01 in /tmp/abc').toString('latin1');

const reader =
  (bytes: Buffer): ReadBytes =>
  (offset, length) =>
    bytes.subarray(offset, offset + length);

const digest = (bytes: Buffer, name: string) => {
  const limits = { bytes: 2 ** 24, parts: 10_000, milliseconds: 10_000 };
  return digestContent({ name, size: bytes.length, read: reader(bytes) }, createReadingBudget(limits));
};

/** A section of notes with one of the ELF Dlopen Metadata specification. */
function writeNotes(): string {
  const text = '[{"feature":"a","priority":"required","soname":["libz.so.1","libz.so.2"]}]';
  const head = Buffer.alloc(16);
  for (const [value, at] of [
    [4, 0],
    [text.length, 4],
    [0x407c0c0a, 8],
  ] as const)
    head.writeUInt32LE(value, at);
  head.write('FDO\0', 12, 'latin1');
  return head.toString('latin1') + text;
}

/** The head of a typelib and the list of what it needs. */
function writeTypelib(): string {
  const list = 'GLib-2.0|Gio-2.0\0';
  const bytes = Buffer.alloc(112 + list.length);
  bytes.write('GOBJ\nMETADATA\r\n\x1a\x04', 'latin1');
  bytes.writeUInt32LE(112, 36);
  bytes.writeUInt32LE(bytes.length, 40);
  bytes.write(list, 112, 'latin1');
  return bytes.toString('latin1');
}

/** An ELF file with one section of a type that has these bytes. */
function elfOf(type: number, content: string): ElfFile {
  const bytes = Buffer.from(content, 'latin1');
  const elf = openElf(reader(writeElf()));
  if (elf === undefined) throw new Error('no ELF file');
  const section = { name: '.rodata', type, flags: 2, offset: 0, size: bytes.length, link: 0, entrySize: 0 };
  return { ...elf, sections: [section], piece: reader(bytes) };
}

/** What the host reads of the files that a build leaves. */
export const IMAGE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'openElf',
    seeds: [ELF],
    words: ['\x7fELF', '\xff\xff\xff\xff', '\0\0\0\0\0\0\0\0', '\x40\0', '\x01\0\0\0\0\0\0\0', 'lib.so\0'],
    run(text) {
      const elf = openElf(reader(Buffer.from(text, 'latin1')));
      if (elf === undefined) return;
      const { needed, soname, interpreter } = readNeedsOfElf(elf);
      const { defined, imported } = readElfSymbols(elf);
      for (const name of [...needed, soname ?? '', interpreter ?? '', ...defined, ...imported])
        if (name.includes('\0')) throw new Error(`a name goes on after its end: ${JSON.stringify(name)}`);
    },
  },
  {
    name: 'readSonameStrings',
    seeds: ['\0libz.so.1\0x\0/usr/lib64/libgif.so.7\0', ELF],
    words: ['.so', '\0', 'lib', '/usr/lib/', '.1'],
    run(text) {
      for (const name of readSonameStrings(elfOf(1, text)))
        if (!/^lib[\w+.-]+\.so/.test(name)) throw new Error(`no soname: ${JSON.stringify(name)}`);
    },
  },
  {
    name: 'readDlopenNotes',
    seeds: [writeNotes(), writeNotes() + writeNotes()],
    words: ['FDO\0', '"soname"', '"required"', '[', ']', '{', '}', '\xff\xff\xff\xff', '\0\0\0\0'],
    run(text) {
      for (const { sonames } of readDlopenNotes(elfOf(7, text)))
        if (sonames.length === 0 || sonames.some((name) => !/^[\w+.-]+$/.test(name)))
          throw new Error(`no sonames: ${JSON.stringify(sonames)}`);
    },
  },
  {
    name: 'readTypelibDependencies',
    seeds: [writeTypelib()],
    words: ['|', 'Gtk-3.0', '\0', '\x70\0\0\0', '\xff\xff\xff\xff', 'GOBJ\nMETADATA\r\n\x1a'],
    run(text) {
      const bytes = Buffer.from(text, 'latin1');
      for (const name of readTypelibDependencies(reader(bytes), bytes.length) ?? [])
        if (!/^\w+-[\w.]+$/.test(name)) throw new Error(`no namespace: ${JSON.stringify(name)}`);
    },
  },
  {
    name: 'the languages of scripts',
    seeds: [
      'import a, b.c as d\nfrom .e import (f,\n g)\n"""\nimport x\n"""\ntry:\n  import y\n',
      'use A::B;\nrequire C;\nmy $x = <<EOT;\nuse D;\nEOT\n=head1\n=cut\n',
      "require 'a'\nbegin\nrequire 'b'\nend\nrequire_relative 'c'\n",
      'a=$(b `c`) && d || e\ncase $f in g) h ;; esac\ni() { j <<K; }\nk\nK\n',
      'import A.B 1.0\nItem {}',
      '<include name="A" version="1"/><!-- x -->',
      '[console_scripts]\na = b.c:d\n',
    ],
    words: [
      ...['"""', "'''", '\\\n', '$(', '`', ')', '${', '((', '<<', "'", '"'],
      ...[';;', 'esac', '{', '}', 'eval q{', '/*', 'in'],
    ],
    run(text) {
      for (const { wanted, places } of [
        ...readPythonImports(text, '/a/b.py').loads,
        ...readPerlModules(text).loads,
        ...readRubyRequires(text, '/a/b.rb').loads,
      ])
        if (wanted.length === 0 || places.length === 0) throw new Error('nothing is loaded');
      for (const { name } of readShellCommands(text))
        if (!/^[\w./+-]+$/.test(name)) throw new Error(`no command: ${JSON.stringify(name)}`);
      for (const name of [...readQmlImports(text), ...readGirIncludes(text), ...readEntryPoints(text)])
        if (name === '') throw new Error('a name is empty');
    },
  },
  {
    name: 'metadata of Python and Perl',
    seeds: [
      'Name: a\nRequires-Dist: b[c] (>=2.0,!=2.1) ; python_version < "3.13" and (extra == "d" or os_name in \'posix\')\n\ntext\n',
      'a>=1\n\n[:python_version<"3.13"]\nb~=2.1\n[test]\nc\n',
      '{"prereqs":{"runtime":{"requires":{"A::B":"1.46","C":">= 1, < 2","perl":0}}}}',
      "PREREQ_PM => { 'A::B' => 1, ($x ? ('C' => 2) : ()) },\n",
    ],
    words: [
      ...[
        'Requires-Dist: ',
        ';',
        '(',
        ')',
        '[:',
        ']',
        '"',
        "'",
        ' and ',
        ' or ',
        ' not in ',
        '>=',
        '~=',
        '@ ',
      ],
      ...['python_full_version', 'extra', '"requires":{', '::', '=>', '?', 'v1.2.3', '\n'],
    ],
    run(text) {
      for (const user of ['METADATA', 'requires.txt'])
        for (const { name } of readRequirements(text, `/usr/lib/python3.11/site-packages/a.egg-info/${user}`))
          if (!/^[\w-]+$/.test(name)) throw new Error(`no distribution: ${JSON.stringify(name)}`);
      for (const { name } of readPerlPrerequisites(text, text))
        if (!/^[A-Z][\w:]*$/.test(name)) throw new Error(`no module: ${JSON.stringify(name)}`);
      evaluateMarker(text, { version: '3.11', implementation: 'CPython' });
    },
  },
  {
    name: 'readArchiveMembers',
    seeds: [ARCHIVE],
    words: ['!<arch>\n', '`\n', member('c.o', ''), '9999999999', '-1'],
    /** The members are pieces of the archive, and none is larger than it. */
    run(text) {
      const bytes = Buffer.from(text, 'latin1');
      const size = (readArchiveMembers(bytes) ?? []).reduce((sum, part) => sum + part.bytes.length, 0);
      if (size > bytes.length) throw new Error('the members are larger than the archive');
    },
  },
  {
    name: 'readZipEntries',
    seeds: [ZIP],
    words: ['PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06', '\xff\xff', '\0\0\0\0'],
    run: (text) => void readZipEntries(Buffer.from(text, 'latin1')),
  },
  {
    name: 'digestContent',
    seeds: [ELF, ARCHIVE, ZIP, GZIP, `${ARCHIVE}${member('c.gz', GZIP)}`],
    words: ['!<arch>\n', '\x1f\x8b', '/tmp/x', '2026-01-01', 'Jan 1 2026', '\n', '\0'],
    /** The same bytes have the same digest, whatever is asked before. */
    run(text) {
      const bytes = Buffer.from(text, 'latin1');
      for (const name of ['x', 'x.pyc', 'x.dist-info/RECORD'])
        if (digest(bytes, name) !== digest(Buffer.from(bytes), name)) throw new Error('another digest');
    },
  },
  {
    name: 'readRequiredModules',
    seeds: ['prefix=/usr\nlibdir=${prefix}/lib\nName: a\nVersion: 1\nRequires: b >= 1.2, c ${libdir}\n'],
    words: ['Requires: ', '${a}', 'a=', '>= 1', ',', '\\\n'],
    run(text) {
      for (const module of readRequiredModules(text))
        if (!/^[\w.+-]+$/.test(module)) throw new Error(`no module: ${JSON.stringify(module)}`);
    },
  },
  {
    name: 'readCmakeChecks',
    seeds: [
      'find_package(ZLIB 1.2 REQUIRED)\nfind_package( "fmt" 9...10 EXACT)\n# find_package(x 1)\n',
      'FIND_PACKAGE_MESSAGE_DETAILS_PNG:INTERNAL=[/usr/lib64/libpng16.so][/usr/include][v1.6.39(1.4)]\na_DIR:PATH=/usr/lib/a\n',
    ],
    words: ['find_package(', ' 1.2', ')', 'EXACT', '_DIR:PATH=/', 'FIND_PACKAGE_MESSAGE_DETAILS_', '[v1(2)]'],
    run(text) {
      const lines = text.split('\n').length;
      for (const { line } of readCmakeChecks(text))
        if (line < 1 || line > lines) throw new Error(`there is no line ${line}`);
      readCmakeCache(text);
    },
  },
  {
    name: 'readMesonChecks',
    seeds: [
      "project('a')\nv = '1.2'\ndependency('zlib', version : '>= ' + v)\ndependency('b', version : ['>=1', '<2'])\nx = f'@v@'\n",
    ],
    words: ["dependency('", "version : '", "'''", "f'", '.format(', '@0@', '[', '+', "\\'"],
    run(text) {
      const variables = readMesonVariables(text);
      const lines = text.split('\n').length;
      for (const { line } of readMesonChecks(text, variables))
        if (line < 1 || line > lines) throw new Error(`there is no line ${line}`);
    },
  },
  {
    name: 'readMesonOptions',
    seeds: [
      "option('gtk', type : 'feature', value : 'auto')\noption('b', description : 'c', type : 'boolean')\n",
      '//Use libpng\nWITH_PNG:BOOL=ON\nCMAKE_X:BOOL=OFF\n',
      '  --without-png  do not use libpng\n  --enable-nls[=ARG]\n',
    ],
    words: ["option('", "type : 'feature'", ':BOOL=', '--with-', '--without-', '--disable-', '.'],
    run(text) {
      for (const read of [readMesonOptions, readCmakeOptions, readConfigureOptions])
        for (const { name } of read(text))
          if (!/^[\w+.-]+$/.test(name)) throw new Error(`no option: ${JSON.stringify(name)}`);
    },
  },
];
