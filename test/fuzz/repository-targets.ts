import { readEclass } from '../../server/src/repository/eclass.ts';
import {
  parseFlagDescriptions,
  parseLocalFlagDescriptions,
} from '../../server/src/repository/flag-descriptions.ts';
import { parsePackageTable } from '../../server/src/repository/index/package-table.ts';
import { parseLayoutConf } from '../../server/src/repository/layout-conf.ts';
import { isCacheValid, parseCachedMetadata } from '../../server/src/repository/md5-cache.ts';
import { parseFlagsOfMetadataXml } from '../../server/src/repository/metadata-xml.ts';
import { parsePackageUpdates, resolveMoves } from '../../server/src/repository/package-updates.ts';
import { implicitFlags } from '../../server/src/repository/profile/implicit-flags.ts';
import { parseSettings } from '../../server/src/repository/profile/make-defaults.ts';
import { stackPackages } from '../../server/src/repository/profile/packages-list.ts';
import { parseReposConf } from '../../server/src/repository/repos-conf.ts';
import type { FuzzTarget } from './target.ts';

const MD5 = '0123456789abcdef0123456789abcdef';

/** Every reader of text of the room repository. */
export const REPOSITORY_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'parseReposConf',
    seeds: ['[DEFAULT]\nmain-repo = gentoo\n\n[gentoo]\nlocation = /var/db/repos/gentoo\nmasters = a b\n'],
    words: ['[', ']', '=', ':', '#', ';', '[DEFAULT]', 'location', 'masters', 'aliases', '/', '\n'],
    run: (text) => {
      for (const { location } of parseReposConf(text).repositories)
        if (!location.startsWith('/')) throw new Error(`${location} is not absolute`);
    },
  },
  {
    name: 'parseLayoutConf',
    seeds: ['masters = gentoo\nrepo-name = guru\naliases = a b\ncache-formats = md5-dict\n'],
    words: ['masters', 'repo-name', '=', '#', ' ', '\n'],
    run: (text) => void parseLayoutConf(text),
  },
  {
    name: 'parsePackageUpdates',
    seeds: [
      'move a/b c/d\nmove c/d a/b\nslotmove >=a/b-1 0 1\n',
      'move a/a b/b\nmove b/b c/c\nmove c/c d/d\n',
    ],
    words: ['move', 'slotmove', 'a/b', 'c/d', 'a/a', 'b/b', '0', '\n'],
    run: (text) => {
      const moves = resolveMoves(parsePackageUpdates(text));
      for (const to of moves.values()) if (moves.has(to)) throw new Error(`${to} moves on`);
    },
  },
  {
    name: 'parseFlagDescriptions',
    seeds: ['# c\nX - Add support for X11\n', 'dev-libs/foo:flag - What it does\n'],
    words: [' - ', ':', '/', '#', '\n'],
    run: (text) => {
      parseFlagDescriptions(text, 'group_');
      parseLocalFlagDescriptions(text);
    },
  },
  {
    name: 'parseFlagsOfMetadataXml',
    seeds: [
      '<?xml version="1.0"?><pkgmetadata><!-- c --><use lang="en"><flag name="a" restrict="&gt;=x/y-1">Use <pkg>x/y</pkg> &amp; z</flag></use></pkgmetadata>',
    ],
    words: [
      '<use>',
      '<flag',
      'name="',
      '</flag>',
      '</flag',
      '<!--',
      '-->',
      '&#x41;',
      '&#99999999;',
      '<',
      '>',
      '"',
    ],
    run: (text) => {
      for (const [flag, description] of parseFlagsOfMetadataXml(text))
        if (flag.length + description.length > text.length) throw new Error('longer than the text');
    },
  },
  {
    name: 'parseSettings',
    seeds: ['USE="a b"\nUSE="${USE} c" # more\nexport A=\'x\'\\\n\nB=${A}$A\n'],
    words: ['USE=', '"', "'", '${USE}', '$', '\\', '`', '#', '\n', 'export ', 'source x', 'IUSE_IMPLICIT='],
    run: (text) => {
      const { values } = parseSettings(text);
      implicitFlags(values);
      for (const value of values.values())
        if (value.length > 200_000) throw new Error('a value that is too long');
    },
  },
  {
    name: 'stackPackages',
    seeds: ['*sys-apps/baselayout\n-*sys-apps/foo\n-*\n>=a/b-1\n'],
    words: ['*', '-*', '#', '\n', 'a/b'],
    run: (text) => void stackPackages([text, text]),
  },
  {
    name: 'parseCachedMetadata',
    seeds: [`DEPEND=a/b\nEAPI=8\nIUSE=+a -b\nSLOT=0/1\n_eclasses_=one\t${MD5}\ttwo\t${MD5}\n_md5_=${MD5}\n`],
    words: ['_md5_=', '_eclasses_=', '\t', '=', '\n', MD5],
    run: (text) => {
      const entry = parseCachedMetadata(text);
      if (entry !== undefined && isCacheValid(entry, new Uint8Array(), () => undefined))
        throw new Error('valid for an empty ebuild');
    },
  },
  {
    name: 'parsePackageTable',
    seeds: [
      '{"format":1,"location":"/r","packages":[["a/b",1,[["1",1,1,"8","0",null,"x y","~amd64","",0]]]],"eclasses":[["e","m"]],"cacheFolders":[["a",1]],"end":true}',
    ],
    words: ['[', ']', 'null', '{}', '"', ',', '1', '"packages"', '"__proto__"'],
    run: (text) => {
      for (const { ebuilds } of parsePackageTable(text, '/r')?.packages.values() ?? [])
        for (const { version, slot } of ebuilds)
          if (typeof version !== 'string' || slot === null) throw new Error();
    },
  },
  {
    name: 'readEclass',
    seeds: [
      'inherit a b\nIUSE="+x"\nif foo; then\n\tIUSE+=" y ${Z}"\nfi\nBDEPEND=">=dev-libs/foo-1.2-r1"\nSLOT=0\n',
    ],
    words: [
      'IUSE=',
      'IUSE+=',
      '"',
      "'",
      '${',
      '}',
      '$(',
      ')',
      '`',
      'inherit ',
      'dev-libs/foo-1',
      '\\',
      '\n',
      '#',
      '(',
    ],
    run: (text) => void readEclass('e', text, () => undefined),
  },
];
