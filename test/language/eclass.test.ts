import { describe, expect, test } from 'vitest';
import { readEclassDocumentation } from '../../server/src/ebuild/eclass-documentation.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { complete } from '../../server/src/language/completion/complete.ts';
import { describeAt } from '../../server/src/language/describe.ts';
import { signatureAt } from '../../server/src/language/signature.ts';
import type { LanguageSubject } from '../../server/src/language/subject.ts';
import { toPlainText } from '../../server/src/lsp/markdown.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';
import { takeMark } from '../navigation/marked.ts';

const WORLD = makeKnowledge([], {
  eclasses: {
    other: { text: '# @FUNCTION: other_do\n# @USAGE: <file>\n# @DESCRIPTION:\n# Does it.\n' },
    // What is on disk is not what the editor has.
    my: { text: '# @FUNCTION: my_old\n# @DESCRIPTION:\n# Gone.\n' },
  },
});

/** The text of an eclass with a line at its end. */
const withLine = (line: string) => `# @ECLASS: my.eclass
# @SUPPORTED_EAPIS: 7 8
# @BLURB: mine
inherit other

# @ECLASS_VARIABLE: MY_FLAGS
# @DESCRIPTION:
# Flags for it.

# @FUNCTION: my_build
# @USAGE: <target> [option]
# @DESCRIPTION:
# Builds a target.
my_build() {
	:
}

# @FUNCTION: _my_helper
# @INTERNAL
# @DESCRIPTION:
# Helps.
_my_helper() {
	:
}

my_src_compile() {
	${line}
}
`;

function openAt(marked: string): { readonly subject: LanguageSubject; readonly offset: number } {
  const { text, offset } = takeMark(marked);
  const facts = parseEbuild(text, bash);
  const documentation = readEclassDocumentation(
    text,
    facts.inherits.map(({ name }) => name),
  );
  return {
    subject: { facts, knowledge: WORLD, identity: undefined, eclass: { name: 'my', documentation } },
    offset,
  };
}

function hover(marked: string): string | undefined {
  const { subject, offset } = openAt(marked);
  const description = describeAt(subject, offset);
  return description && toPlainText(description.paragraphs);
}

function offered(marked: string): readonly string[] {
  const { subject, offset } = openAt(marked);
  return complete({ ...subject, offset }).items.map(({ text, detail = '' }) => `${text} · ${detail}`);
}

describe('a hover in an eclass', () => {
  test('describes its own functions and variables as the text says now, and those of others', () => {
    expect(hover(withLine('my_bu‸ild all'))).toBe(
      'my_build <target> [option]\n\nBuilds a target.\n\nSource: my.eclass',
    );
    expect(hover(withLine('echo "${MY_FL‸AGS}"'))).toContain('Flags for it.');
    expect(hover(withLine('other‸_do x'))).toContain('Source: other.eclass');
    expect(hover(withLine('my_o‸ld'))).toBeUndefined();
  });

  test('names the EAPIs of the eclass that lack a word, and speaks of no ebuild', () => {
    expect(hover(withLine('do‸lib x'))).toContain('Since: EAPI 0 to 6; this eclass also supports EAPI 7, 8');
    expect(hover(withLine('do‸sym a b'))).not.toContain('ebuild');
    expect(hover(withLine('ver_c‸ut 1'))).toContain('Since: EAPI 7 and later\n');
  });

  test('describes EXPORT_FUNCTIONS and the phases after it', () => {
    expect(hover('EXPORT_FUNC‸TIONS src_test\n')).toContain('PMS 10.4');
    expect(hover('EXPORT_FUNCTIONS pkg_setup src_te‸st\n')).toContain('src_test()');
  });

  test('describes a flag by use.desc, because an eclass has no package', () => {
    expect(hover(withLine('use ss‸l && :'))).toBe('ssl\n\nAdd support for SSL');
  });
});

describe('completion in an eclass', () => {
  test('offers commands, its own functions once, and internal ones that are its own', () => {
    const items = offered(withLine('‸'));
    expect(items).toContain(
      'dosym · Makes a symbolic link. -r turns an absolute target into a relative one (EAPI 8 and later).',
    );
    expect(items).toContain('my_build · <target> [option] · my.eclass');
    expect(items).toContain('_my_helper · my.eclass');
    expect(items.filter((item) => item.startsWith('my_build'))).toHaveLength(1);
  });

  test('offers phase functions under the name of the eclass, and no EAPI', () => {
    const items = offered(`${withLine(':')}‸`);
    expect(items.some((item) => item.startsWith('my_src_install ·'))).toBe(true);
    expect(items.some((item) => item.startsWith('my_src_compile ·'))).toBe(false);
    expect(items.some((item) => /^(?:EAPI|src_install) /.test(item))).toBe(false);
    expect(offered(`${withLine(':')}\n#‸`)).toEqual([]);
    expect(offered('EXPORT_FUNCTIONS src_test src_i‸')).toEqual([expect.stringMatching(/^src_install · /)]);
    expect(offered('EXP‸').map((item) => item.split(' ')[0])).toEqual(['EXPORT_FUNCTIONS']);
  });
});

test('the arguments of the eclass’s own functions are shown', () => {
  const { subject, offset } = openAt(withLine('my_build all ‸'));
  expect(signatureAt(subject, offset)).toMatchObject({ label: 'my_build <target> [option]', active: 1 });
});
