import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { formatLists } from '../../server/src/navigation/list-format.ts';
import { parseDependency } from '../../server/src/pms/dependency.ts';
import { bash } from '../ebuild/bash.ts';

function format(text: string): string {
  return applyEdits(text, formatLists(parseEbuild(text, bash)));
}

/** Expects a form, and that it stays as it is. */
function expectForm(text: string, formatted: string): void {
  expect(format(text)).toBe(formatted);
  expect(format(formatted)).toBe(formatted);
}

describe('a list', () => {
  test('has one item on a line, and groups indented', () => {
    expectForm(
      'RDEPEND="dev-libs/a  >=dev-libs/b-1:0=[x,y?]\n  ssl? (  dev-libs/c )\n\t|| ( d/e f/g ) gtk? (\nh/i\n  !doc? (\n j/k l/m ) )\n\t\t${COMMON_DEPEND}"\n',
      `RDEPEND="
	dev-libs/a
	>=dev-libs/b-1:0=[x,y?]
	ssl? ( dev-libs/c )
	|| (
		d/e
		f/g
	)
	gtk? (
		h/i
		!doc? (
			j/k
			l/m
		)
	)
	\${COMMON_DEPEND}
"
`,
    );
  });

  test('is indented below its assignment', () => {
    expectForm('if x; then\n\tDEPEND+="\n a/b\n"\nfi\n', 'if x; then\n\tDEPEND+="\n\t\ta/b\n\t"\nfi\n');
  });

  test('keeps an empty line between items, once', () => {
    expectForm('DEPEND="\n\n\ta/b\n\n\n\tc/d\n\n"\n', 'DEPEND="\n\ta/b\n\n\tc/d\n"\n');
  });

  test('may have items in a generator', () => {
    expectForm(
      'RDEPEND="\n\ta/b\n\t\t$(python_gen_cond_dep \'\n\t\t\td/e[${PYTHON_USEDEP}] f/g\n\' python3_1{2,3})\n"\n',
      'RDEPEND="\n\ta/b\n\t$(python_gen_cond_dep \'\n\t\td/e[${PYTHON_USEDEP}]\n\t\tf/g\n\t\' python3_1{2,3})\n"\n',
    );
  });

  test('keeps what only bash understands', () => {
    const text = 'RDEPEND="\n\t$(for x in a b; do\n\t  echo "c/${x}"\n\tdone)\n\t$(my_deps \'\n  a/b\')\n"\n';
    expectForm(text, text);
  });

  test('of flags keeps groups on their line', () => {
    expectForm(
      'REQUIRED_USE="python? ( ${PYTHON_REQUIRED_USE} )\n  ^^ ( a b  c )\n?? (\na b )"\nIUSE="\n\ta  +b\n\tc\n"\n',
      'REQUIRED_USE="\n\tpython? ( ${PYTHON_REQUIRED_USE} )\n\t^^ ( a b c )\n\t?? (\n\t\ta\n\t\tb\n\t)\n"\nIUSE="\n\ta\n\t+b\n\tc\n"\n',
    );
  });

  test('keeps its line breaks of Windows', () => {
    expectForm('EAPI=8\r\nDEPEND="a/b\r\n  c/d"\r\n', 'EAPI=8\r\nDEPEND="\r\n\ta/b\r\n\tc/d\r\n"\r\n');
  });

  test.each([
    ['of one line', 'DEPEND="a/b   c/d"\n'],
    ['of flags that fill lines', 'IUSE="a b c\n\td e"\n'],
    ['with a comment', 'DEPEND="\n  a/b # why\n"\n'],
    ['with a mistake', 'DEPEND="\n  a/b (\n"\n'],
    ['with a backslash', 'DEPEND="a/b \\\n  c/d\n"\n'],
    ['without items', 'DEPEND="\n  \n"\n'],
    ['of another variable', 'SRC_URI="\n  https://a.b/c\n"\nDESCRIPTION="a\n  b"\n'],
    ['in a text that is not bash', 'DEPEND="\n  a/b\n"\nfoo() {\n'],
    ['of several quotes', 'DEPEND="\n  a/b"\' c/d\'\n'],
    ['in a function', 'f() {\n\tlocal DEPEND="\n  a/b\n"\n}\n'],
    ['that does not exist', ''],
  ])('%s stays as it is', (_what, text) => expect(format(text)).toBe(text));

  test('outside the range stays as it is', () => {
    const text = 'DEPEND="\n a/b\n"\nRDEPEND="\n c/d\n"\n';
    const edits = formatLists(parseEbuild(text, bash), { start: 20, end: 22 });
    expect(applyEdits(text, edits)).toBe('DEPEND="\n a/b\n"\nRDEPEND="\n\tc/d\n"\n');
  });
});

/** Repeatable random numbers. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomList(random: (below: number) => number, depth: number): string {
  const blank = () => [' ', '\n', '\n\t', '  ', '\n\n', '\t', '\n    '][random(7)] ?? ' ';
  const leaf = () =>
    [
      'a/b',
      '>=c/d-1.2:3=[e,f?,-g(+)]',
      '!!h/i',
      '${X}',
      '$(foo "b c")',
      "$(python_gen_any_dep '\n j/k l/m\n')",
      'n/o-${PV}',
    ][random(7)] ?? 'a/b';
  const heads = ['', 'x? ', '!y? ', '|| ', 'z_${W}? '];
  const item = (): string =>
    depth > 3 || random(3) > 0
      ? leaf()
      : `${heads[random(heads.length)]}(${blank()}${randomList(random, depth + 1)}${blank()})`;
  return Array.from({ length: 1 + random(4) }, item).join(blank());
}

test('formatting changes white space only, keeps the specification, and is the same a second time', () => {
  /** The specification without places, and without the white space of words. */
  const shape = (text: string): unknown =>
    JSON.parse(
      JSON.stringify(
        parseDependency(text.slice(text.indexOf('"') + 1, text.lastIndexOf('"'))).nodes,
        (key, value) =>
          key === 'start' || key === 'end'
            ? undefined
            : key === 'text'
              ? String(value).replace(/\s+/g, ' ')
              : value,
      ),
    );
  let changed = 0;
  for (let seed = 0; seed < 400; seed++) {
    const text = `EAPI=8\n\nRDEPEND="${randomList(randomNumbers(seed), 0)}"\n`;
    const formatted = format(text);
    if (formatted !== text) changed++;
    expect(format(formatted)).toBe(formatted);
    expect(shape(formatted)).toEqual(shape(text));
    expect(formatted.replace(/\s+/g, '')).toBe(text.replace(/\s+/g, ''));
  }
  expect(changed).toBeGreaterThan(200);
});
