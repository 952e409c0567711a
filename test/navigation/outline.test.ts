import { describe, expect, test } from 'vitest';
import { readEclassDocumentation } from '../../server/src/ebuild/eclass-documentation.ts';
import { foldsOf } from '../../server/src/navigation/folding.ts';
import { selectionsAt } from '../../server/src/navigation/selection.ts';
import { type OutlineEntry, outlineOf } from '../../server/src/navigation/symbols.ts';
import { atMark, withEbuild } from './marked.ts';

function showOutline(text: string): string[] {
  const show = (entry: OutlineEntry, depth: number): string[] => [
    `${'  '.repeat(depth)}${entry.kind} ${entry.name}${entry.detail === '' ? '' : `: ${entry.detail}`}`,
    ...entry.children.flatMap((child) => show(child, depth + 1)),
  ];
  return withEbuild(text, ({ facts }) => outlineOf(facts).flatMap((entry) => show(entry, 0)));
}

/** The text of each fold, from the line of its start to that of its end. */
function showFolds(text: string): string[] {
  return withEbuild(text, (ebuild) =>
    foldsOf(ebuild).map(({ start, end, kind }) => {
      const line = (offset: number) => text.slice(0, offset).split('\n').length;
      return `${line(start)}–${line(end)}${kind === undefined ? '' : ` ${kind}`}`;
    }),
  );
}

describe('the outline', () => {
  test('has variables with their USE conditionals, and functions', () => {
    expect(
      showOutline(
        'EAPI=8\n\nRDEPEND="\n\ta/b\n\tssl? (\n\t\t|| ( c/d e/f )\n\t\t!doc? ( g/h )\n\t)\n\t|| ( x? ( i/j ) k/l )\n"\nsrc_compile() {\n\tlocal x=1\n\temake\n}\nhelper() { :; }\n',
      ),
    ).toEqual([
      'variable EAPI: 8',
      'variable RDEPEND: a/b ssl? ( || ( c/d e/f ) !doc? ( g/h ) ) || ( x? ( i/j ) k…',
      '  condition ssl?: || ( c/d e/f ) !doc? ( g/h )',
      '    condition !doc?: g/h',
      '  condition x?: i/j',
      'phase src_compile',
      'function helper',
    ]);
  });

  test('is there for a text that is not bash, and empty for an empty one', () => {
    expect(showOutline('EAPI=8\nDEPEND="a? ( b/c\nsrc_test() {\n')).toEqual([
      'variable EAPI: 8',
      'variable DEPEND: a? ( b/c',
      '  condition a?: b/c',
      'function src_test'.replace('function', 'phase'),
    ]);
    expect(showOutline('')).toEqual([]);
  });
});

describe('folds', () => {
  test.each([
    ['a function, whose last line stays', 'f() {\n\ta\n\tb\n}\n', ['1–3', '1–3']],
    ['a value and its groups', 'DEPEND="\n\ta? (\n\t\tb/c\n\t)\n\td/e\n"\n', ['1–5', '2–3']],
    ['the parts of an if', 'if a; then\n\tb\nelif c; then\n\td\n\te\nelse\n\tf\nfi\n', ['1–2', '3–5', '6–7']],
    [
      'a loop and a case',
      'for x in a; do\n\tcase ${x} in\n\t\ta)\n\t\t\tb\n\t\t\t;;\n\tesac\ndone\n',
      ['1–6', '2–5', '3–4'],
    ],
    ['a here-document', 'cat <<-EOF\n\ta\n\tb\nEOF\n', ['2–3']],
    ['an array', 'PATCHES=(\n\ta\n\tb\n)\n', ['1–3', '1–3']],
    ['comments', '# a\n# b\n\n# c\nA=1 # d\n', ['1–2 comment']],
    ['inherit lines', 'inherit a\ninherit b \\\n\tc\n\ninherit d\n', ['1–3 imports']],
    ['nothing on one line', 'A="b" # c\nf() { a; }\n', []],
    ['a text that is not bash', 'A="b\n\nf() {\n\ta\n}\n', ['3–4']],
    ['no line', '', []],
  ])('are for %s', (_what, text, lines) => expect(showFolds(text)).toEqual(lines));
});

describe('the selection grows', () => {
  test('from the word to the atom, its group, the value and the assignment', () => {
    const marked = 'X=1\nDEPEND="\n\tssl? ( dev-libs/open‸ssl:0 x/y )\n"\n';
    const shown = atMark(marked, (ebuild, offset) =>
      selectionsAt(ebuild, offset).map(({ start, end }) => ebuild.facts.text.slice(start, end)),
    );
    expect(shown).toEqual([
      'openssl',
      'dev-libs/openssl:0',
      'dev-libs/openssl:0 x/y',
      ' dev-libs/openssl:0 x/y ',
      'ssl? ( dev-libs/openssl:0 x/y )',
      '\n\tssl? ( dev-libs/openssl:0 x/y )\n',
      '"\n\tssl? ( dev-libs/openssl:0 x/y )\n"',
      'DEPEND="\n\tssl? ( dev-libs/openssl:0 x/y )\n"',
      'X=1\nDEPEND="\n\tssl? ( dev-libs/openssl:0 x/y )\n"\n',
    ]);
  });

  test('from an expansion to the command and the function', () => {
    const marked = 'f() {\n\tif a; then\n\t\techo "x ${VA‸R:-y}"\n\tfi\n}\n';
    const shown = atMark(marked, (ebuild, offset) =>
      selectionsAt(ebuild, offset).map(({ start, end }) => ebuild.facts.text.slice(start, end)),
    );
    expect(shown.slice(0, 4)).toEqual(['VAR', '${VAR:-y}', '"x ${VAR:-y}"', 'echo "x ${VAR:-y}"']);
    expect(shown).toContain('if a; then\n\t\techo "x ${VAR:-y}"\n\tfi');
  });

  test('nowhere in an empty text', () => {
    expect(atMark('‸', selectionsAt)).toEqual([]);
  });
});

test('the outline of an eclass has the variables that only its comments name', () => {
  const text =
    '# @ECLASS_VARIABLE: A\n# @DESCRIPTION:\n# x\n: "${A:=1}"\n# @VARIABLE: B\nB=2\nfoo() {\n\t:\n}\n';
  const documentation = readEclassDocumentation(text, []);
  withEbuild(text, ({ facts }) => {
    const entries = outlineOf(facts, documentation);
    expect(entries.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'variable A',
      'variable B',
      'function foo',
    ]);
    expect(entries.map(({ nameRange: { start, end } }) => text.slice(start, end))).toEqual(['A', 'B', 'foo']);
  });
});
