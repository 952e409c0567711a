import { describe, expect, test } from 'vitest';
import type { EclassSource } from '../../server/src/audit/knowledge.ts';
import { readEclassDocumentation } from '../../server/src/ebuild/eclass-documentation.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { isUsedByEclass } from '../../server/src/navigation/eclass-names.ts';
import { findRenamed, renameAt } from '../../server/src/navigation/rename.ts';
import { atMark } from './marked.ts';

const ECLASS = `# @ECLASS: foo.eclass
# @VARIABLE: mycmakeargs
# @DEFAULT_UNSET
# @FUNCTION: foo_run
foo_run() {
	local own
	[[ -z \${given} ]] && declare -a given=()
	local kind=$(declare -p given)
	for own in 1; do echo "\${own}" "\${FOO_MODE}"; done
	foo_check_deps
}
`;

/** The renamed text, or the reason why there is none. */
function rename(marked: string, newName: string): string {
  return atMark(marked, (ebuild, offset) => {
    const eclasses = (): EclassSource[] => [{ name: 'foo', file: '/repo/eclass/foo.eclass', text: ECLASS }];
    const result = renameAt({ ebuild, eclasses }, offset, newName);
    if (result === undefined) return 'nothing';
    return 'refusal' in result ? result.refusal : applyEdits(ebuild.facts.text, result);
  });
}

describe('renaming', () => {
  test('changes every place of a variable, and no comment', () => {
    expect(
      rename(
        '# MY_PV\nMY_P‸V=${PV/_/-}\nMY_PV+=x\nS="${WORKDIR}/${PN}-${MY_PV}" # ${MY_PV}\nSRC_URI="a/${MY_PV:-${MY_PV%.*}}.xz b/\'$MY_PV\'"\n',
        'MY_VER',
      ),
    ).toBe(
      '# MY_PV\nMY_VER=${PV/_/-}\nMY_VER+=x\nS="${WORKDIR}/${PN}-${MY_VER}" # ${MY_PV}\nSRC_URI="a/${MY_VER:-${MY_VER%.*}}.xz b/\'$MY_VER\'"\n',
    );
  });

  test('changes a function and its calls', () => {
    expect(rename('my_fun() { :; }\nsrc_test() { my_‸fun my_fun; }\n', 'my-other')).toBe(
      'my-other() { :; }\nsrc_test() { my-other my_fun; }\n',
    );
  });

  test('changes a local variable in its function only', () => {
    expect(rename('f() {\n\tlocal a‸a=1 b\n\techo ${aa}\n}\ng() { local aa; }\n', 'bb')).toBe(
      'f() {\n\tlocal bb=1 b\n\techo ${bb}\n}\ng() { local aa; }\n',
    );
  });

  test('allows a name that an eclass makes for itself', () => {
    expect(rename('ow‸n=1\necho $own\n', 'mine')).toBe('mine=1\necho $mine\n');
  });

  test('to the same name changes nothing', () => expect(rename('A‸A=1\n', 'AA')).toBe('AA=1\n'));

  test.each([
    ['SRC_UR‸I=""\n', 'The package manager gives SRC_URI its meaning, so it cannot have another name.'],
    [
      'src_‸test() { :; }\n',
      'The package manager calls src_test by this name, so it cannot have another one.',
    ],
    ['local mycmake‸args=()\n', 'foo.eclass uses the variable mycmakeargs, so it cannot have another name.'],
    ['local giv‸en=()\n', 'foo.eclass uses the variable given, so it cannot have another name.'],
    ['FOO_MO‸DE=1\n', 'foo.eclass uses the variable FOO_MODE, so it cannot have another name.'],
    [
      'foo_check_‸deps() { :; }\n',
      'foo.eclass uses the function foo_check_deps, so it cannot have another name.',
    ],
    [
      'src_test() { foo_‸run; }\n',
      'This ebuild does not define foo_run, so it cannot have another name here.',
    ],
    [
      'A‸A=1\nB="\n',
      'Bash cannot read this ebuild, so not every place of a name is known: correct its syntax first.',
    ],
  ])('is refused for %j', (marked, sentence) => expect(rename(marked, 'NEW')).toBe(sentence));

  test.each([
    ['2X', 'This is not the name of a variable: use letters, digits and _, and begin with a letter or _.'],
    ['a-b', 'This is not the name of a variable: use letters, digits and _, and begin with a letter or _.'],
    ['', 'This is not the name of a variable: use letters, digits and _, and begin with a letter or _.'],
    ['BB', 'BB is already used in this ebuild: choose another name.'],
    [
      'PV',
      'PV is taken: choose another name. The package manager gives PV its meaning, so it cannot have another name.',
    ],
  ])('to %j is refused', (name, sentence) => expect(rename('A‸A=1\nB=$BB\n', name)).toBe(sentence));

  test('of a function to a command is refused', () => {
    expect(rename('f‸f() { :; }\nff; make\n', 'make')).toBe(
      'make is already used in this ebuild: choose another name.',
    );
    expect(rename('f‸f() { :; }\nff\n', 'if')).toBe('if is a command already: choose another name.');
  });

  test('has no answer where there is no name', () => {
    expect(rename('# ‸A\n', 'B')).toBe('nothing');
    expect(
      atMark('‸', (ebuild, offset) => findRenamed({ ebuild, eclasses: () => [] }, offset)),
    ).toBeUndefined();
  });
});

test('a strange eclass takes no quadratic time', () => {
  const began = performance.now();
  for (const part of ['\n', ' ', '# @VARIABLE: ', 'local a ', 'my_x', 'declare -A'])
    for (const kind of ['variable', 'function'] as const)
      isUsedByEclass(`${part.repeat(200_000)} my_xx`, kind, 'my_xx');
  expect(performance.now() - began).toBeLessThan(5000);
});

describe('renaming in an eclass', () => {
  const renameIn = (marked: string, newName: string): string =>
    atMark(marked, (ebuild, offset) => {
      const documentation = readEclassDocumentation(ebuild.facts.text, []);
      const own = { name: 'foo', documentation };
      const result = renameAt({ ebuild, eclasses: () => [], own }, offset, newName);
      if (result === undefined) return 'nothing';
      return 'refusal' in result ? result.refusal : applyEdits(ebuild.facts.text, result);
    });

  test('changes an internal name and the line that documents it', () => {
    expect(renameIn('# @VARIABLE: _FOO_X\n# @INTERNAL\n# _FOO_X\n_FOO‸_X=1\n: ${_FOO_X}\n', '_FOO_Y')).toBe(
      '# @VARIABLE: _FOO_Y\n# @INTERNAL\n# _FOO_X\n_FOO_Y=1\n: ${_FOO_Y}\n',
    );
  });

  test('refuses what ebuilds and EXPORT_FUNCTIONS know by its name', () => {
    expect(renameIn('# @FUNCTION: foo_run\nfoo_‸run() { :; }\n', 'x')).toMatch(
      /^foo\.eclass documents foo_run/,
    );
    expect(renameIn('foo_src_‸test() { :; }\n', 'x')).toMatch(/^EXPORT_FUNCTIONS finds foo_src_test/);
    expect(renameIn('foo_x() { _y‸; }\n', 'x')).toBe(
      'This eclass does not define _y, so it cannot have another name here.',
    );
  });
});
