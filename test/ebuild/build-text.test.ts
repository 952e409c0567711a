import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listVariablesRead, writeBuildText } from '../../server/src/ebuild/build-text.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { bash } from './bash.ts';

const rest = (text: string, readByEclasses: readonly string[] = []) =>
  writeBuildText(parseEbuild(text, bash), new Set(readByEclasses));

const EBUILD = `EAPI=8
inherit cmake

RDEPEND="
	sys-libs/zlib:=
"
DEPEND="\${RDEPEND}"

src_compile() {
	emake LIBS="-lz"
}
`;
const BUILT = `EAPI=8
inherit cmake
src_compile() {
	emake LIBS="-lz"
}
`;

describe('the text that is built', () => {
  test.each([
    ['an atom more', (text: string) => text.replace('\tsys-libs', '\tmedia-libs/libpng\n\tsys-libs')],
    ['another variable', (text: string) => text.replace('\nsrc_', '\nBDEPEND="virtual/pkgconfig"\n\nsrc_')],
    [
      'one line more',
      (text: string) => text.replace('DEPEND="${R', 'BDEPEND="virtual/pkgconfig"\nDEPEND="${R'),
    ],
    ['no dependency at all', (text: string) => text.replace(/^R?DEPEND="[^"]*"\n/gm, '')],
    [
      'a helper variable',
      (text: string) =>
        text
          .replace('RDEPEND="', 'COMMON_DEPEND="')
          .replace('DEPEND="${RDEPEND}"', 'RDEPEND="${COMMON_DEPEND}"\nDEPEND="${RDEPEND}"'),
    ],
    [
      'a comment that ignores a finding',
      (text: string) => text.replace('RDEPEND=', '# audit: ignore unused – x\nRDEPEND='),
    ],
    [
      'such a comment behind a value',
      (text: string) => text.replace('="${RDEPEND}"', '="${RDEPEND}" # audit: ignore unused – x'),
    ],
    [
      'another description, or none',
      (text: string) => text.replace('\nRDEPEND', '\nDESCRIPTION="A ${PN}"\nKEYWORDS="~amd64"\nRDEPEND'),
    ],
    ['an addition', (text: string) => text.replace('\nsrc_', 'DEPEND+=" x11-libs/libX11"\n\nsrc_')],
    [
      'a version from the name',
      (text: string) => text.replace('DEPEND="${', 'DEPEND="=dev-libs/a-${PV%_*}:${PV/_/-} ${'),
    ],
    [
      'a generator of the eclasses',
      (text: string) =>
        text.replace(
          'DEPEND="${',
          'BDEPEND="$(python_gen_cond_dep \'dev-python/a[${PYTHON_USEDEP}]\')"\nDEPEND="${',
        ),
    ],
  ])('is the same after %s', (_, change) => {
    expect(change(EBUILD)).not.toBe(EBUILD);
    expect(rest(change(EBUILD))).toBe(BUILT);
  });

  const withCode = (code: string) => EBUILD.replace('\temake', `\t${code}\n\temake`);
  test.each([
    ['a phase', EBUILD.replace('-lz', '-lz -lm')],
    ['an eclass', EBUILD.replace('cmake', 'meson')],
    ['a variable of another kind', EBUILD.replace('inherit', 'IUSE="test"\ninherit')],
    ['an empty line in a phase', EBUILD.replace('\temake', '\n\temake')],
    ['a line of a here-document that looks like a comment', withCode('cat <<-E\n# audit: ignore unused\nE')],
    ['a line of a string that looks like a comment', withCode('echo "\n# audit: ignore unused\n"')],
  ])('differs after a change of %s', (_, text) => {
    expect(rest(text)).not.toBe(BUILT);
  });

  test.each([
    ['by its name', '${DEPEND}'],
    ['by eval', '$(eval echo \\$DEPEND)'],
    ['by a name in a variable', '$(v=DEPEND; echo ${!v})'],
    ['by a name that is put together', '$(v=DEP; v+=END; echo ${!v})'],
    ['by a reference', '$(local -n v=DEP${x}; echo $v)'],
    ['from a list of all variables', '$(set | grep DEP)'],
    ['from a list of what is exported', '$(export DEP${x}; declare -x | grep DEP)'],
    ['from a list of what has a value', '$(local -xp)'],
    ['from the file of the environment', '$(grep DEP "${T}"/environment)'],
    ['from the ebuild', '$(grep DEP "${FILESDIR}/../foo-1.ebuild")'],
  ])('has the dependencies if a phase can read them %s', (_, code) => {
    const asks = EBUILD.replace('-lz', code);
    expect(rest(asks)).toContain('DEPEND="${RDEPEND}"');
    expect(rest(asks)).toContain('sys-libs/zlib');
  });

  test('has a description that a phase or an eclass reads', () => {
    const described = EBUILD.replace('\nRDEPEND', '\nDESCRIPTION="x"\nRDEPEND');
    expect(rest(described)).not.toContain('DESCRIPTION');
    expect(rest(described.replace('-lz', '${DESCRIPTION}'))).toContain('DESCRIPTION="x"');
    expect(rest(described, listVariablesRead('f() { newmenu "${DESCRIPTION}"; }'))).toContain(
      'DESCRIPTION="x"',
    );
    expect(rest(described, listVariablesRead('DESCRIPTION="Based on foo"'))).not.toContain('DESCRIPTION');
  });

  test.each([
    ['the number of its line', '${LINENO}'],
    ['its text', '$(grep -c "^#" "${FILESDIR}"/../*.ebuild)'],
    ['what eval makes of a name', '$(eval echo \\$LINE${x})'],
  ])('is the whole text, with comments and empty lines, if a phase can read %s', (_, code) => {
    const asks = EBUILD.replace('-lz', code).replace(
      '\nRDEPEND',
      '\n# audit: ignore unused sys-libs/zlib – x\nRDEPEND',
    );
    expect(rest(asks)).toBe(asks);
  });

  test.each(['local -x CXXFLAGS="${CXXFLAGS} -std=c++14"', 'declare -gx CC=cc', 'typeset -x A+=b'])(
    'has no dependencies if a phase exports a variable: %s',
    (code) => {
      expect(rest(withCode(code))).toBe(BUILT.replace('\temake', `\t${code}\n\temake`));
    },
  );

  test.each([
    ['a command', '$(mkdir inc)'],
    ['a command in backquotes', '`mkdir inc`'],
    ['an assignment', '${S:=/x}'],
    ['arithmetic', '$((x++))'],
    ['a subscript', '${x[y++]}'],
    ['a generator with a command', '$(python_gen_cond_dep "$(mkdir inc)")'],
    ['a function of the ebuild', '$(my_dep)'],
  ])('has a value that runs %s', (_, code) => {
    const runs = EBUILD.replace('sys-libs/zlib:=', code);
    expect(rest(runs)).toContain(code);
    // DEPEND names RDEPEND, but nothing names DEPEND.
    expect(rest(runs)).not.toMatch(/^DEPEND/m);
  });

  test('has the variables that an eclass reads, and those that these name', () => {
    expect(rest(EBUILD, ['RDEPEND'])).toContain('RDEPEND="\n\tsys-libs');
    expect(rest(EBUILD, ['RDEPEND'])).not.toMatch(/^DEPEND/m);
    expect(rest(EBUILD, ['DEPEND'])).toMatch(/RDEPEND="\n\tsys-libs[\s\S]*^DEPEND/m);
  });

  test('is the whole text if a quote is missing', () => {
    const broken = EBUILD.replace('zlib:=\n"', 'zlib:=\n');
    expect(rest(broken)).toBe(broken);
  });

  test('keeps an assignment in a condition, in a list, or beside another command', () => {
    for (const line of [
      'if true; then\n\tBDEPEND="a/b"\nfi',
      'true && BDEPEND="a/b"',
      'BDEPEND="a/b"; true',
      'BDEPEND="a/b" true',
    ]) {
      const text = EBUILD.replace('\nsrc_', `${line}\n\nsrc_`);
      expect(rest(text)).toContain(line);
    }
  });

  test('means the same to bash, except for the dependencies', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-build-text-'));
    try {
      fc.assert(
        fc.property(fc.array(fc.constantFrom(...STATEMENTS), { maxLength: 12 }), (statements) => {
          const text = statements.join('');
          expect(source(folder, rest(text))).toBe(source(folder, text));
        }),
        { numRuns: 100 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});

const STATEMENTS = [
  'A=1\n',
  '\n',
  '\n\n',
  '  \n',
  'DEPEND="a/b"\n',
  'DEPEND+=" c/d"\n',
  'RDEPEND="${DEPEND}\n\n\te/f\n"\n',
  'BDEPEND="a/b" # a comment\n',
  "BDEPEND='a/b' # audit: ignore unused a/b – x\n",
  '# audit: ignore unused – x\n',
  '\t# audit: ignore unused – x\n',
  '# a comment \\\n',
  'true \\\n',
  'B="\n\n# audit: ignore unused\n\nDEPEND=1\n"\n',
  'C+="${A}"\n',
  'D=( a\n\n# audit: ignore x\n b )\n',
  'cat > /dev/null <<E\n\n# audit: ignore x\nDEPEND="a/b"\nE\n',
  'f() {\n\n\t# audit: ignore x\n\tlocal x="\n\n"\n\tcat <<-E\n\t# audit: ignore x\n\n\tE\n}\n',
  'if true; then\n\n\tE=1\nfi\n',
  'if [[ ${A} == "\n\n" ]]; then\nF=1\nfi\n',
  'true &&\n\nG=1\n',
  'H=$(\n\necho x\n\n)\n',
  'I="$(echo "\n\n# audit: ignore x\n")"\n',
  'DEPEND="$(J=1; echo x)"\n',
  'PDEPEND="${K:=set}"\n',
  'L=${DEPEND}\n',
  'MY_DEPEND="a/b"; M=1\n',
  'N="1" IDEPEND="a/b"\n',
  'case x in\n\nx)\n\nO=1 ;;\nesac\n',
  'true\\\n\n',
];

/** The variables and functions that a text defines, without its dependency variables. */
function source(folder: string, text: string): string {
  writeFileSync(join(folder, 'text'), text);
  const script = 'set -f; source ./text; declare -f; for v in {A..O}; do declare -p $v; done; :';
  return execFileSync('bash', ['--norc', '-c', `${script} 2>/dev/null`], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

describe('the variables that an eclass reads', () => {
  test('are not those that it sets', () => {
    const eclass = `# BDEPEND is a variable.
if true; then
	BDEPEND="dev-build/ninja \${NINJA_DEPEND}"
	RDEPEND+=' a/b'
fi
_globals() { DEPEND=\${RDEPEND}; }
`;
    expect(listVariablesRead(eclass)).toEqual([]);
  });

  test('are those that its functions name otherwise', () => {
    expect(listVariablesRead('f() {\n\t[[ ${BDEPEND} != *x* ]] && eerror "no x"\n}\n')).toEqual(['BDEPEND']);
    expect(listVariablesRead('f() { local v=DEPEND; echo ${!v}; }')).toEqual(['DEPEND']);
    expect(listVariablesRead('f() { local deps=${RDEPEND}; }')).toEqual(['RDEPEND']);
  });
});
