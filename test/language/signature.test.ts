import { describe, expect, test } from 'vitest';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { signatureAt } from '../../server/src/language/signature.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';

const ECLASS =
  '# @FUNCTION: make_desktop_entry\n# @USAGE: <command> [name] [icon]\n# @DESCRIPTION:\n# Makes a .desktop file.\n';
const WORLD = makeKnowledge([], { eclasses: { desktop: { text: ECLASS } } });

/** The label with the active parameter between bars. */
function at(marked: string): string | undefined {
  const offset = marked.indexOf('‸');
  const facts = parseEbuild(marked.replace('‸', ''), bash);
  const found = signatureAt({ facts, knowledge: WORLD, identity: undefined }, offset);
  if (found === undefined) return undefined;
  const { label, parameters, active } = found;
  const range = active === undefined ? undefined : parameters[active];
  return range === undefined
    ? label
    : `${label.slice(0, range.start)}|${label.slice(range.start, range.end)}|${label.slice(range.end)}`;
}
const inInstall = (line: string) => at(`EAPI=8\ninherit desktop\nsrc_install() {\n\t${line}\n}\n`);

describe('signature help', () => {
  test.each([
    ['usex ‸', 'usex [!]|<flag>| [<if on> [<if off> [<suffix if on> [<suffix if off>]]]]'],
    ['usex ssl ‸', 'usex [!]<flag> [|<if on>| [<if off> [<suffix if on> [<suffix if off>]]]]'],
    ['usex ssl "a b" ‸', 'usex [!]<flag> [<if on> [|<if off>| [<suffix if on> [<suffix if off>]]]]'],
    ['echo $(usex ssl a‸)', 'usex [!]<flag> [|<if on>| [<if off> [<suffix if on> [<suffix if off>]]]]'],
    ['dosym -r /a ‸', 'dosym [-r] <target> |<link>|'],
    ['dodoc a b c‸', 'dodoc [-r] |<file>|…'],
    ['newbin a b c ‸', 'newbin <file> <new name>'],
    ['make_desktop_entry foo ‸', 'make_desktop_entry <command> |[name]| [icon]'],
    ['einstalldocs ‸', undefined],
    ['sed -i ‸', undefined],
    ['us‸ex', undefined],
  ])('%s', (line, shown) => {
    expect(inInstall(line)).toBe(shown);
  });
});
