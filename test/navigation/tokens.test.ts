import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokensOf } from '../../server/src/navigation/tokens/tokens.ts';
import { makeKnowledge } from '../audit/world.ts';
import { withEbuild } from './marked.ts';

const WORLD = makeKnowledge([], {
  eclasses: {
    meson: {
      text: '# @FUNCTION: meson_use\n# @VARIABLE: EMESON_SOURCE\n# @VARIABLE: BUILD_DIR\n# @OUTPUT_VARIABLE\n',
    },
  },
});

/** `word type.modifier…` for each token of a text. */
function show(text: string, within?: { readonly start: number; readonly end: number }): string[] {
  return withEbuild(text, (ebuild) =>
    tokensOf(ebuild, { facts: ebuild.facts, knowledge: WORLD, identity: undefined }, within).map(
      ({ start, end, type, modifiers }) => `${text.slice(start, end)} ${[type, ...modifiers].join('.')}`,
    ),
  );
}

describe('names', () => {
  test('are those of PMS, of an eclass or the ebuild’s own', () => {
    expect(show('inherit meson\nEAPI=8\nEMESON_SOURCE=x\nMY_P="${PN}-${BUILD_DIR}"\n')).toEqual([
      'meson namespace',
      'EAPI variable.declaration.defaultLibrary',
      'EMESON_SOURCE property.declaration',
      'MY_P variable.declaration',
      'PN variable.readonly.defaultLibrary',
      'BUILD_DIR property.readonly',
    ]);
  });

  test('of functions and commands are told apart', () => {
    expect(
      show(
        'inherit meson\nhelper() { :; }\nsrc_install() {\n\thelper\n\tdobin x\n\tmeson_use ssl\n\techo y\n\tuse !test && default\n}\n',
      ).slice(1),
    ).toEqual([
      'helper function.declaration',
      'src_install function.declaration.defaultLibrary',
      'helper function',
      'dobin function.defaultLibrary',
      'meson_use method',
      'ssl enumMember',
      'use function.defaultLibrary',
      'test enumMember',
      'default function.defaultLibrary',
    ]);
  });

  test('that bash has to expand, or that are text, have no token', () => {
    expect(show('f() {\n\tuse "${flag}"\n\techo \'$PN\' # $PN\n}\n')).toEqual([
      'f function.declaration',
      'use function.defaultLibrary',
      'flag variable',
    ]);
    expect(show('f() {\n\techo "${X=1}" "${#X}"\n\tX+=1\n}\n').slice(1)).toEqual([
      'X variable',
      'X variable',
      'X variable.declaration',
    ]);
  });
});

describe('values', () => {
  test('an atom has its parts', () => {
    expect(show('DEPEND=">=dev-libs/foo-bar-1.2_rc1-r3:0/5=[ssl,-X,a(+)?]"\n').slice(1)).toEqual([
      '>= operator',
      'dev-libs namespace',
      'foo-bar class',
      '1.2_rc1-r3 number',
      '0/5 type',
      '= operator',
      'ssl enumMember',
      '- operator',
      'X enumMember',
      'a enumMember',
      '(+)? operator',
    ]);
  });

  test('an atom with expansions has what is written', () => {
    expect(
      show('RDEPEND="\n\t~dev-qt/qtbase-${PV}:6[${PYTHON_USEDEP}]\n\t!!sys-libs/zlib:=\n"\n').slice(1),
    ).toEqual([
      '~ operator',
      'dev-qt namespace',
      'qtbase class',
      'PV variable.readonly.defaultLibrary',
      '6 type',
      'PYTHON_USEDEP variable',
      '!! operator',
      'sys-libs namespace',
      'zlib class',
      '= operator',
    ]);
    expect(show('RDEPEND="$(python_gen_cond_dep \'a/b[c]\')"\n')).toEqual(
      expect.arrayContaining(['a namespace', 'b class', 'c enumMember']),
    );
  });

  test('flags and groups', () => {
    expect(show('DEPEND="!ssl? ( || ( a/b ) )"\nIUSE="+ssl doc"\nREQUIRED_USE="^^ ( ssl !doc )"\n')).toEqual([
      'DEPEND variable.declaration.defaultLibrary',
      '! operator',
      'ssl enumMember',
      '|| operator',
      'a namespace',
      'b class',
      'IUSE variable.declaration.defaultLibrary',
      '+ operator',
      'ssl enumMember',
      'doc enumMember',
      'REQUIRED_USE variable.declaration.defaultLibrary',
      '^^ operator',
      'ssl enumMember',
      '! operator',
      'doc enumMember',
    ]);
  });

  test('the argument of has_version is an atom', () => {
    expect(show('f() {\n\thas_version -b ">=a/b-1[c]"\n}\n').slice(2)).toEqual([
      '>= operator',
      'a namespace',
      'b class',
      '1 number',
      'c enumMember',
    ]);
  });
});

test('a range has its tokens only', () => {
  const text = 'A=1\nB=2\nC=3\n';
  expect(show(text, { start: 4, end: 8 })).toEqual(['B variable.declaration']);
  expect(show('')).toEqual([]);
});

test('tokens of any text stand in order, apart, and on one line', () => {
  const piece = fc.constantFrom(
    ...[
      'DEPEND="',
      '"',
      'a/b',
      '>=',
      '-1',
      '[',
      'ssl',
      ',',
      ']',
      ':',
      '=',
      '${PV}',
      '$(x ',
      ')',
      '\n',
      '\r\n',
      ' ',
      "'",
      '#',
    ],
    ...[
      'use ',
      'inherit ',
      'f() {',
      '}',
      '|| (',
      '!',
      '?',
      'IUSE="',
      'has_version ',
      '€',
      '\u{1f600}',
      '\\',
      '<<E',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const text = pieces.join('');
      withEbuild(text, (ebuild) => {
        let done = 0;
        for (const { start, end } of tokensOf(ebuild, {
          facts: ebuild.facts,
          knowledge: WORLD,
          identity: undefined,
        })) {
          expect(start).toBeGreaterThanOrEqual(done);
          expect(end).toBeGreaterThan(start);
          expect(text.slice(start, end)).not.toContain('\n');
          done = end;
        }
        expect(done).toBeLessThanOrEqual(text.length);
      });
    }),
    { numRuns: 500 },
  );
});

test('a long text takes no quadratic time', () => {
  const text = `DEPEND="\n${'\t>=dev-libs/foo-${PV}[ssl?] a? ( b/c )\n'.repeat(20_000)}"\n${'MY_X=${PN}\nuse ssl\n'.repeat(10_000)}`;
  const started = performance.now();
  expect(show(text).length).toBeGreaterThan(100_000);
  expect(performance.now() - started).toBeLessThan(10_000);
});
