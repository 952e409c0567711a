import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEclassDocumentation } from '../../server/src/ebuild/eclass-documentation.ts';

const TEXT = `# Copyright
# @ECLASS: foo.eclass
# @MAINTAINER:
# Somebody <a@b.example>
# @SUPPORTED_EAPIS: 7 8
# @BLURB: one line
# @DEPRECATED: bar
# @DESCRIPTION:
# First
# paragraph.
#
# Second.
# @EXAMPLE:
# Like this:
# @CODE
# inherit foo
#
# 	indented
# @CODE

case \${EAPI} in esac

# @ECLASS_VARIABLE: FOO_A
# @PRE_INHERIT
# @REQUIRED
# @DESCRIPTION:
# What.
: "\${FOO_A:=a b}"

# @VARIABLE: FOO_B
# @USER_VARIABLE
# @DESCRIPTION: on its line
FOO_B="x"

# @VARIABLE: FOO_C
# @DEFAULT_UNSET
# @OUTPUT_VARIABLE
FOO_C=y

# @FUNCTION: foo_do
# @USAGE: <a> [<b>]
# @RETURN: 0 or 1
# @DEPRECATED: none
foo_do() {
	# @not a tag
	:
}
# @FUNCTION: _foo
# @INTERNAL
# @FUNCTION: foo_last`;

describe('the documentation of an eclass', () => {
  const { names, ...whole } = readEclassDocumentation(TEXT, ['bar']);

  test('has its summary, EAPIs, paragraphs and code', () => {
    expect(whole).toEqual({
      summary: 'one line',
      eapis: ['7', '8'],
      replacement: 'bar',
      inherits: ['bar'],
      description: [
        { kind: 'text', text: 'First\nparagraph.' },
        { kind: 'text', text: 'Second.' },
        { kind: 'text', text: 'Like this:' },
        { kind: 'code', text: 'inherit foo\n\n\tindented' },
      ],
    });
  });

  test('has every name with its line, its default and its marks', () => {
    expect([...names.keys()]).toEqual(['FOO_A', 'FOO_B', 'FOO_C', 'foo_do', '_foo', 'foo_last']);
    expect(names.get('FOO_A')).toMatchObject({
      kind: 'variable',
      initial: 'a b',
      isRequired: true,
      isSetBefore: true,
      description: [{ kind: 'text', text: 'What.' }],
      line: TEXT.split('\n').indexOf('# @ECLASS_VARIABLE: FOO_A'),
    });
    expect(names.get('FOO_B')).toMatchObject({
      initial: '"x"',
      isForUsers: true,
      description: [{ kind: 'text', text: 'on its line' }],
    });
    expect(names.get('FOO_C')).toMatchObject({ isOutput: true });
    expect(names.get('FOO_C')?.initial).toBeUndefined();
    expect(names.get('foo_do')).toMatchObject({ usage: '<a> [<b>]', returns: '0 or 1', replacement: 'none' });
    expect(names.get('_foo')?.isInternal).toBe(true);
  });

  test('of any text is read', () => {
    const line = fc.constantFrom(
      '# @ECLASS: a',
      '# @FUNCTION: b',
      '# @CODE',
      '# @DESCRIPTION:',
      '# x',
      '#',
      '',
      'x',
      '# @VARIABLE:',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        readEclassDocumentation(lines.join('\n'), []);
      }),
    );
  });
});
