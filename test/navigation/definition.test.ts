import { describe, expect, test } from 'vitest';
import type { Knowledge } from '../../server/src/audit/knowledge.ts';
import { packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { type Definition, definitionsAt } from '../../server/src/navigation/definition.ts';
import type { OfferedPackage } from '../../server/src/pms/offered-package.ts';
import { atMark, showRanges } from './marked.ts';

const FOO = `# @ECLASS: foo.eclass
# @FUNCTION: foo_run
# @DESCRIPTION: runs
foo_run() {
	bar_run
}
# @ECLASS_VARIABLE: FOO_MODE
: "\${FOO_MODE:=fast}"
`;
const BAR = `# @VARIABLE: barargs
bar_run() {
	:
}
BAR_LEVEL=1
`;

const FILES = new Set(['dev-libs/main/files/main-1.2-fix.patch', 'dev-libs/big/metadata.xml']);

function offer(version: string, slot = '0', repository = 'gentoo'): OfferedPackage {
  return { category: 'dev-libs', name: 'big', version, repository, slot, subslot: slot, iuse: [] };
}

const knowledge: Partial<Knowledge> = {
  *eclassSources(names) {
    if ([...names].includes('foo')) {
      yield { name: 'foo', file: '/g/eclass/foo.eclass', text: FOO };
      yield { name: 'bar', file: '/g/eclass/bar.eclass', text: BAR };
    }
  },
  offered: (category, name) =>
    category === 'dev-libs' && name === 'big'
      ? [offer('1.2'), offer('1.10'), offer('2.0-r1', '2'), offer('9999', '2'), offer('3', '3', '')]
      : [],
  ebuildFile: ({ category, name, version, repository }) =>
    repository === '' ? undefined : `/g/${category}/${name}/${name}-${version}.ebuild`,
  packageFile: (category, name, path) =>
    FILES.has(`${category}/${name}/${path}`) ? `/g/${category}/${name}/${path}` : undefined,
};

/** The definitions of what is at the mark: the text with the places in it in brackets, or `file:line:character`. */
function show(marked: string): string[] {
  return atMark(marked, (ebuild, offset) => {
    const predefined = packageVariables('dev-libs', 'main-1.2-r3');
    const found = definitionsAt({ ebuild, knowledge: knowledge as Knowledge, predefined }, offset);
    return found.map((place: Definition) =>
      'file' in place
        ? `${place.file}:${place.line}:${place.character}`
        : showRanges(ebuild.facts.text, [place]),
    );
  });
}

describe('the definition of', () => {
  test('a variable is every place that sets it', () => {
    expect(show('A=1\nA+=2\necho ${‸A}\n')).toEqual(['⟦A⟧=1\nA+=2\necho ${A}\n', 'A=1\n⟦A⟧+=2\necho ${A}\n']);
  });

  test('a variable is also an expansion that sets it', () => {
    expect(show(': ${A:=1}\necho ${‸A}\n')).toEqual([': ${⟦A⟧:=1}\necho ${A}\n']);
    expect(show('echo ${A:-1} ${‸A}\n')).toEqual([]);
  });

  test('a function is its head', () => expect(show('f() { :; }\n‸f\n')).toEqual(['⟦f⟧() { :; }\nf\n']));

  test('an inherited eclass is its file', () => {
    expect(show('inherit f‸oo\n')).toEqual(['/g/eclass/foo.eclass:0:0']);
    expect(show('inherit abs‸ent\n')).toEqual([]);
  });

  test('a function of an eclass is its line, also of one that is inherited indirectly', () => {
    expect(show('inherit foo\nsrc_test() { foo_‸run; }\n')).toEqual(['/g/eclass/foo.eclass:3:0']);
    expect(show('inherit foo\nsrc_test() { x=$(bar_‸run); }\n')).toEqual(['/g/eclass/bar.eclass:1:0']);
    expect(show('src_test() { foo_‸run; }\n')).toEqual([]);
  });

  test('a variable of an eclass is its documentation, else its assignment', () => {
    expect(show('inherit foo\necho ${FOO_‸MODE}\n')).toEqual(['/g/eclass/foo.eclass:6:20']);
    expect(show('inherit foo\nFOO_‸MODE=slow\n')).toEqual(['/g/eclass/foo.eclass:6:20']);
    expect(show('inherit foo\necho ${BAR_‸LEVEL}\n')).toEqual(['/g/eclass/bar.eclass:4:0']);
    expect(show('inherit foo\nf() {\n\tlocal bar‸args=()\n}\n')).toEqual(['/g/eclass/bar.eclass:0:13']);
  });

  test.each([
    ['dev-libs/b‸ig', '1.2-r0'],
    ['>=dev-libs/b‸ig-1.2', ''],
    ['~dev-libs/b‸ig-1.2', '1.2'],
    ['=dev-libs/b‸ig-1*', '1.10'],
    ['!<dev-libs/b‸ig-1.10[ssl,-doc]', '1.2'],
    ['dev-libs/b‸ig:0=', '1.10'],
    ['dev-libs/b‸ig:2', '2.0-r1'],
    ['=dev-libs/b‸ig-9999', '9999'],
    ['>=dev-libs/b‸ig-${PV}[${PYTHON_USEDEP}]', ''],
    ['=dev-libs/b‸ig-${PV}*', '1.2'],
  ])('the atom %j is the newest ebuild that satisfies it', (atom, version) => {
    const newest = version === '' || version === '1.2-r0' ? '2.0-r1' : version;
    expect(show(`RDEPEND="a? ( ${atom} )"\n`)).toEqual([`/g/dev-libs/big/big-${newest}.ebuild:0:0`]);
  });

  test('an atom that nothing satisfies is metadata.xml', () => {
    expect(show('DEPEND=">dev-libs/b‸ig-9999"\n')).toEqual(['/g/dev-libs/big/metadata.xml:0:0']);
  });

  test('an atom in a command is found too, and an unknown package is not', () => {
    expect(show('f() { has_version "dev-libs/b‸ig"; }\n')).toEqual(['/g/dev-libs/big/big-2.0-r1.ebuild:0:0']);
    expect(show('DEPEND="dev-libs/unk‸nown"\n')).toEqual([]);
  });

  test('a variable in an atom is the variable', () => {
    expect(show('V=1\nDEPEND=">=dev-libs/big-${‸V}"\n')).toEqual(['⟦V⟧=1\nDEPEND=">=dev-libs/big-${V}"\n']);
  });

  test.each([
    '"${FILESDIR}/${P}-f‸ix.patch"',
    '"${FILESDIR}"/main-${PV}-fi‸x.patch',
    '$FILES‸DIR/main-1.2-fix.patch',
  ])('the word %s is the file', (word) =>
    expect(show(`PATCHES=( ${word} )\n`)).toEqual(['/g/dev-libs/main/files/main-1.2-fix.patch:0:0']),
  );

  test('a word that leads out of FILESDIR, or to no file, is nothing', () => {
    expect(show('eapply "${FILESDIR}/../meta‸data.xml"\n')).toEqual([]);
    expect(show('eapply "${FILESDIR}/abs‸ent.patch"\n')).toEqual([]);
    expect(show('eapply "${FILESDIR}/${UNKNOWN}.pat‸ch"\n')).toEqual([]);
  });

  test('nothing is nothing', () => {
    for (const marked of ['‸', 'A=1\n\n‸', '# dev-libs ‸\n', '‸\r\nA="\n']) expect(show(marked)).toEqual([]);
  });
});
