import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseFlagDescriptions,
  parseLocalFlagDescriptions,
} from '../../server/src/repository/flag-descriptions.ts';
import { parseLayoutConf } from '../../server/src/repository/layout-conf.ts';
import { isCacheValid, md5Of, parseCachedMetadata } from '../../server/src/repository/md5-cache.ts';
import { parseFlagsOfMetadataXml } from '../../server/src/repository/metadata-xml.ts';
import {
  parsePackageUpdates,
  resolveMoves,
  sortUpdateFiles,
} from '../../server/src/repository/package-updates.ts';
import { implicitFlags } from '../../server/src/repository/profile/implicit-flags.ts';
import { parseSettings } from '../../server/src/repository/profile/make-defaults.ts';
import { stackPackages, stackWords } from '../../server/src/repository/profile/packages-list.ts';
import { parseReposConf, readRepositoryLocations } from '../../server/src/repository/repos-conf.ts';

test('repos.conf: sections, both separators, comments, later settings win', () => {
  const text = `# comment
[DEFAULT]
main-repo = gentoo
[gentoo]
location: /var/db/repos/gentoo/
; sync-type = rsync
[over]
location = /srv/over
masters = gentoo extra
aliases = old
[gentoo]
location = /other
[no-place]
`;
  expect(parseReposConf(text)).toEqual({
    mainRepository: 'gentoo',
    repositories: [
      { name: 'gentoo', location: '/other', masters: undefined, aliases: [] },
      { name: 'over', location: '/srv/over', masters: ['gentoo', 'extra'], aliases: ['old'] },
    ],
  });
  expect(readRepositoryLocations(text)).toEqual(['/other', '/srv/over']);
});

test('layout.conf: no masters and empty masters are two things', () => {
  expect(parseLayoutConf('# masters = a\n').masters).toBeUndefined();
  expect(parseLayoutConf('masters =\nrepo-name = mine\n')).toMatchObject({
    masters: [],
    repositoryName: 'mine',
  });
});

describe('profiles/updates', () => {
  test('quarters are put in order by year', () => {
    expect(sortUpdateFiles(['1Q-2024', '4Q-2022', '2Q-2023', '1Q-2023'])).toEqual([
      '4Q-2022',
      '1Q-2023',
      '2Q-2023',
      '1Q-2024',
    ]);
  });
  test('chains end at the last name, and a package that came back is not moved', () => {
    const moves = resolveMoves(
      parsePackageUpdates(
        'move a/x b/x\nmove b/x c/x\nslotmove a/y 0 1\nmove a/z b/z\nmove b/z a/z\nmove broken\n',
      ),
    );
    expect([...moves]).toEqual([
      ['a/x', 'c/x'],
      ['b/x', 'c/x'],
      ['b/z', 'a/z'],
    ]);
  });
  test('no name leads to a name that leads on', () => {
    const name = fc.constantFrom('a/a', 'b/b', 'c/c', 'd/d', 'e/e');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name)), (pairs) => {
        const moves = resolveMoves(pairs.map(([from, to]) => ({ kind: 'move', from, to })));
        for (const to of moves.values()) expect(moves.has(to)).toBe(false);
      }),
    );
  });
});

test('descriptions of flags', () => {
  expect(parseFlagDescriptions('# x - y\nX - Add support - for X11\nbroken\n', 'p_')).toEqual(
    new Map([['p_X', 'Add support - for X11']]),
  );
  expect(parseLocalFlagDescriptions('a-b/c:flag - What\na-b/c - no\n')).toEqual(
    new Map([['a-b/c:flag', 'What']]),
  );
});

test('metadata.xml: markup, entities, languages, comments, and what is not finished yet', () => {
  const text = `<pkgmetadata><!-- <flag name="no">no</flag> -->
  <use><flag name="a" restrict="&gt;=x/y-1">Use <pkg>x/y</pkg>
     &amp; more</flag><flag lang='de' name="b">Nein</flag><flag name="b">Yes</flag></use>
  <use lang="de"><flag name="c">Nein</flag></use>
  <use><flag name="open">`;
  expect(parseFlagsOfMetadataXml(text)).toEqual(
    new Map([
      ['a', 'Use x/y & more'],
      ['b', 'Yes'],
    ]),
  );
});

describe('metadata.xml that is unusual or hostile', () => {
  const inUse = (content: string) => parseFlagsOfMetadataXml(`<use><flag name="a">${content}</flag></use>`);

  test.each([
    ['CDATA is text', '<![CDATA[x < y & <b>z</b>]]> end', 'x < y & <b>z</b> end'],
    ['numbers are characters', '&#x41;&#66;', 'AB'],
    ['a number that is no character', '&#xD800;', '\ufffd'],
    ['an entity that XML does not have', '&nbsp;', '&nbsp;'],
    ['an entity is decoded once', '&amp;lt;b&amp;gt;', '&lt;b&gt;'],
    ['a comment that looks like a flag', 'x <!-- <flag name="b">no</flag> --> y', 'x y'],
    ['a processing instruction', 'x <?php echo ?> y', 'x y'],
  ])('%s', (_, content, description) => {
    expect(inUse(content)).toEqual(new Map([['a', description]]));
  });

  test('an unfinished flag does not take the next one with it', () => {
    expect(parseFlagsOfMetadataXml('<use><flag name="a">un <flag name="b">Yes</flag></use>')).toEqual(
      new Map([['b', 'Yes']]),
    );
  });

  test('a flag outside use, or without text, says nothing', () => {
    expect(parseFlagsOfMetadataXml('<flag name="a">No</flag><use><flag name="b"/></use>')).toEqual(new Map());
  });

  test('entities of the document are not expanded', () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>';
    expect(parseFlagsOfMetadataXml(`${bomb}<use><flag name="a">&c;</flag></use>`)).toEqual(
      new Map([['a', '&c;']]),
    );
  });

  test.each([
    ['elements that are never closed', `<use>${'<a>'.repeat(200_000)}${'</b>'.repeat(200_000)}`],
    ['flags that are never closed', `<use>${'<flag name="a">'.repeat(200_000)}`],
    ['tags that are never closed', '<flag'.repeat(400_000)],
    ['comments that are never closed', '<!--'.repeat(400_000)],
    ['CDATA that is never closed', `<![CDATA[${']]'.repeat(400_000)}`],
    ['ampersands', `<use><flag name="a">${'&#x'.repeat(400_000)}`],
    ['a long number', `<use><flag name="a">&#${'9'.repeat(1_000_000)}`],
  ])('takes time in proportion to %s', (_, text) => {
    const start = performance.now();
    expect(parseFlagsOfMetadataXml(text).size).toBe(0);
    // Takes 0.1 s on two idle cores; quadratic time would be minutes.
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('metadata cache', () => {
  const ebuild = Buffer.from('EAPI=8\n');
  const sum = md5Of(Buffer.from('x'));
  const entry = `DEPEND=a=b\nSLOT=0\n_eclasses_=one\t${sum}\ttwo\t${sum}\n_md5_=${md5Of(ebuild)}\n`;
  test('is valid while the ebuild and every eclass are what they were', () => {
    const read = parseCachedMetadata(entry);
    expect(read?.values).toEqual(
      new Map([
        ['DEPEND', 'a=b'],
        ['SLOT', '0'],
      ]),
    );
    if (read === undefined) return;
    expect(isCacheValid(read, ebuild, () => sum)).toBe(true);
    expect(isCacheValid(read, Buffer.from('EAPI=7\n'), () => sum)).toBe(false);
    expect(isCacheValid(read, ebuild, (name) => (name === 'two' ? undefined : sum))).toBe(false);
  });
  test.each([
    '',
    'SLOT=0\n',
    'no line\n_md5_=x\n',
    '_md5_=x\n_eclasses_=one\n',
    '_md5_=x\n_eclasses_=a\tb\n',
  ])('is none: %j', (text) => expect(parseCachedMetadata(text)).toBeUndefined());
});

describe('make.defaults', () => {
  test('values refer to what was set before', () => {
    const { values, complete } = parseSettings(
      `# comment "\nA="x \${B}" # more\nexport C='$A'\nD=\${A}/y\\\n\nE="two\nlines"`,
      new Map([['B', 'b']]),
    );
    expect([...values]).toEqual([
      ['A', 'x b'],
      ['C', '$A'],
      ['D', 'x b/y'],
      ['E', 'two\nlines'],
    ]);
    expect(complete).toBe(true);
  });
  test.each(['source /etc/more\n', 'A="$(uname)"\n', 'A="open', 'A=`x`\n', 'A=(x)\n'])(
    'is not complete: %j',
    (text) => expect(parseSettings(text).complete).toBe(false),
  );
  test('implicit flags', () => {
    const { values } = parseSettings(
      'IUSE_IMPLICIT="a"\nUSE_EXPAND_IMPLICIT="ARCH ELIBC"\nUSE_EXPAND_UNPREFIXED=ARCH\nUSE_EXPAND_VALUES_ARCH="amd64"\nUSE_EXPAND_VALUES_ELIBC=musl\n',
    );
    expect([...implicitFlags(values)]).toEqual(['a', 'amd64', 'elibc_musl']);
  });
});

test('packages and words stack', () => {
  expect(stackPackages(['*a/b\n*c/d\ne/f\n', '-*a/b # gone\n*>=g/h-1\n'])).toEqual(['c/d', '>=g/h-1']);
  expect(stackPackages(['*a/b\n', '-*\n*c/d\n'])).toEqual(['c/d']);
  expect([
    ...stackWords([
      ['a', 'b'],
      ['-a', '+c'],
      ['-*', 'd'],
    ]),
  ]).toEqual(['d']);
});
