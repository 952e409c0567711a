import { describe, expect, test } from 'vitest';
import { usesAt } from '../../server/src/navigation/name-uses.ts';
import { atMark, showRanges } from './marked.ts';

/** Marks the uses of the name at the cursor. */
function show(marked: string): string {
  return atMark(marked, (ebuild, offset) => {
    const found = usesAt(ebuild, offset);
    if (found === undefined) return 'nothing';
    const { text } = ebuild.facts;
    return showRanges(text, found.uses);
  });
}

/** Expects that the uses of the name at the cursor are those in brackets. */
function expectUses(marked: string): void {
  expect(show(marked.replace(/[⟦⟧]/g, ''))).toBe(marked.replace('‸', ''));
}

describe('the uses of a variable', () => {
  test.each([
    [
      'every form of an expansion',
      '⟦MY_‸PV⟧=1\nA="${⟦MY_PV⟧} $⟦MY_PV⟧ ${⟦MY_PV⟧:-x} ${#⟦MY_PV⟧} ${⟦MY_PV⟧//a/b} ${!⟦MY_PV⟧}"\n',
    ],
    ['an expansion inside another', '⟦X⟧=1\nA=${Y:-${⟦‸X⟧}} B=${Y%%$⟦X⟧} C=${Y//a/$⟦X⟧}\n'],
    [
      'appending, and the index of an array',
      '⟦X⟧=( a )\n⟦X⟧+=( "${⟦X⟧[@]}" b )\n⟦X⟧[1]=c\necho ${⟦‸X⟧[0]} ${Y[⟦X⟧]}\n',
    ],
    ['a prefix of a command', '⟦X⟧=1 make\necho "$⟦‸X⟧"\n'],
    [
      'arithmetic',
      '⟦x⟧=1\n(( ⟦x⟧++ ))\necho $(( ⟦‸x⟧ + 1 ))\nfor (( ⟦x⟧ = 0; ⟦x⟧ < 3; ⟦x⟧++ )); do :; done\n',
    ],
    ['a loop', 'for ⟦x⟧ in a b x; do echo "${⟦‸x⟧}" x; done\n'],
    [
      'commands that set it',
      'read -r -p x ⟦x⟧ y\nprintf -v ⟦x⟧ %s x\nmapfile -t ⟦x⟧ < x\nunset ⟦x⟧\n[[ -v ⟦x⟧ ]] && export ⟦‸x⟧\n',
    ],
    [
      'a here-document',
      "⟦X⟧=1\ncat <<-EOF\n\t${⟦X⟧} $⟦X⟧ X\nEOF\ncat <<EOF\nand ${⟦‸X⟧}\nEOF\ncat <<'EOF'\n$X\nEOF\n",
    ],
    ['a command substitution', '⟦X⟧=1\nA="$(foo $⟦X⟧)" B=`foo ${⟦‸X⟧}`\n'],
    [
      'no text in comments, single quotes or after a backslash',
      "⟦X⟧=1 # $X\n# ${X}\nA='$X' B=\"\\$X \\\\$⟦‸X⟧\" C=$'$X'\n",
    ],
    ['no longer name', '⟦X⟧=1\nXX=$⟦‸X⟧$XX${XX}_X\n'],
    ['no word that is text', '⟦S⟧=1\nDEPEND="S? ( a/S )"\necho S "$⟦‸S⟧"\n[[ S == ${⟦S⟧} ]]\n'],
  ])('are found in %s', (_what, marked) => expectUses(marked));

  test('are found from the end of its name', () => expectUses('⟦X‸⟧=1\necho $⟦X⟧\n'));

  test('in a text that is not bash are found as far as it can be read', () => {
    expectUses('⟦X⟧=1\nA="${⟦‸X⟧}\n');
  });

  test('there are none in an empty text, between words and in a comment', () => {
    for (const marked of ['‸', 'A=1 ‸ \n', '# ‸A\nA=1\n', "B='$‸A'\n", '12‸3\n'])
      expect(show(marked)).toBe('nothing');
  });

  test('are found beside characters outside the Basic Multilingual Plane, and with CRLF', () => {
    expectUses('A="😀é"\r\n⟦X⟧=1\r\necho "😀${⟦‸X⟧}"\r\n');
  });
});

describe('a local variable', () => {
  test('belongs to its function', () => {
    expectUses('⟦‸x⟧=1\nf() {\n\tlocal x=${⟦x⟧}\n\techo $x\n}\ng() {\n\techo $⟦x⟧\n}\n');
    expectUses('x=1\nf() {\n\tlocal ⟦x⟧=${x}\n\techo $⟦‸x⟧\n}\ng() {\n\techo $x\n}\n');
  });

  test('is seen by the functions that its function calls', () => {
    expectUses(
      'x=1\nhelper() {\n\t⟦x⟧+=( a )\n}\nsrc_configure() {\n\tlocal ⟦‸x⟧=()\n\tmiddle\n}\nmiddle() { helper; }\nsrc_test() { echo $x; }\n',
    );
  });

  test('is seen by a function that only a wrapper calls, if nothing else sets the variable', () => {
    expectUses('f() {\n\tlocal ⟦x⟧=1\n\tmultilib_foreach_abi g\n}\ng() { echo ${⟦‸x⟧}; }\n');
  });

  test('is made by declare, and not by declare -g or export', () => {
    expectUses('x=1\nf() {\n\tdeclare -a ⟦‸x⟧\n\techo $⟦x⟧\n}\n');
    expectUses('⟦x⟧=1\nf() {\n\tdeclare -g ⟦‸x⟧\n\texport ⟦x⟧\n}\n');
  });

  test('outside a function is no local one', () => expectUses('local ⟦x⟧=1\necho $⟦‸x⟧\n'));

  test('functions that call each other in a circle are followed once', () => {
    expectUses('f() {\n\tlocal ⟦x⟧\n\tg\n}\ng() { h; }\nh() { g; echo $⟦‸x⟧; }\n');
  });
});

describe('the uses of a function', () => {
  test('are its definition, its calls and wrapped calls', () => {
    expectUses(
      '⟦my_fun⟧() {\n\t:\n}\nsrc_install() {\n\t⟦my_‸fun⟧ my_fun\n\tmultilib_foreach_abi ⟦my_fun⟧ a\n\tx=$(⟦my_fun⟧)\n\techo my_fun # my_fun\n}\nunset -f ⟦my_fun⟧\n',
    );
  });

  test('are no uses of a variable of the same name', () => {
    expectUses('x=1\n⟦x⟧() { :; }\n⟦‸x⟧ $x\n');
    expectUses('⟦x⟧=1\nx() { :; }\nx $⟦‸x⟧\n');
  });

  test('may have a hyphen in its name', () => expectUses('⟦my-‸fun⟧() { :; }\n⟦my-fun⟧\n'));
});

test('ten thousand uses take no quadratic time', () => {
  const line = 'RDEPEND+=" a/b${X} ${Y%%z}"\n';
  const text = `X=1\n${line.repeat(9_990)}`;
  atMark(`${text}echo \${X‸}\n`, (ebuild, offset) => {
    const began = performance.now();
    expect(usesAt(ebuild, offset)?.uses).toHaveLength(9_992);
    expect(performance.now() - began).toBeLessThan(8000);
  });
});
