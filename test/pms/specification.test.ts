import { describe, expect, test } from 'vitest';
import { parseLicense, parseRestrict } from '../../server/src/pms/name-list.ts';
import { isAllowed, parseRequiredUse } from '../../server/src/pms/required-use.ts';
import { parseSourceUri } from '../../server/src/pms/source-uri.ts';
import type { Item } from '../../server/src/pms/specification.ts';
import { collectItems, type Specification } from '../../server/src/pms/specification.ts';

/** For each error the underlined part and its message. */
function faults<Leaf extends Item>(text: string, { errors }: Specification<Leaf>): [string, string][] {
  return errors.map(({ start, end, message }) => [text.slice(start - 9, end - 9), message]);
}

describe('SRC_URI (PMS 8.2)', () => {
  test('reads URIs, arrows, prefixes, file names, groups and unexpanded text', () => {
    const text = `
      https://example.org/foo-1.tar.gz
      https://example.org/v1?a=b,c;d&e#f -> foo-2.tar.gz
      doc? ( mirror://gentoo/foo(1).pdf fetch+https://example.org/x.zip -> y.zip )
      mirror+ftp://example.org/z.zip local.patch
      https://example.org/\${P}.tar.gz
      https://example.org/\${PV}.tar.gz -> \${P}.tar.gz
      \${CARGO_CRATE_URIS}
    `;
    const parsed = parseSourceUri(text, 9, { eapi: '8', ebuild: true });
    expect(parsed.errors).toEqual([]);
    expect(collectItems(parsed.nodes).map(({ uri, lifts, fileName }) => [uri, lifts, fileName])).toEqual([
      ['https://example.org/foo-1.tar.gz', '', 'foo-1.tar.gz'],
      ['https://example.org/v1?a=b,c;d&e#f', '', 'foo-2.tar.gz'],
      ['mirror://gentoo/foo(1).pdf', '', 'foo(1).pdf'],
      ['https://example.org/x.zip', 'fetch', 'y.zip'],
      ['ftp://example.org/z.zip', 'mirror', 'z.zip'],
      ['', '', 'local.patch'],
    ]);
    expect(parsed.nodes.flatMap((node) => (node.kind === 'opaque' ? [node.text] : []))).toEqual([
      'https://example.org/${P}.tar.gz',
      'https://example.org/${PV}.tar.gz -> ${P}.tar.gz',
      '${CARGO_CRATE_URIS}',
    ]);
  });

  test.each([
    ['|| ( a://b/c )', '8', '||', '`||` is not allowed in SRC_URI'],
    ['a://b/c ->', '8', '->', 'name is missing after `->`'],
    ['x? ( a://b/c -> )', '8', '->', 'name is missing after `->`'],
    ['-> c', '8', '->', 'stands after no URI'],
    ['b -> c', '8', 'b', 'is not a URI'],
    ['b/c', '8', 'b/c', 'write protocol://host/path or a file name'],
    ['a://b/', '8', 'a://b/', 'write `-> name` after it'],
    ['a://b/c -> d/e', '8', 'd/e', 'write it without `/`'],
    ['fetch+a://b/c', '7', 'fetch+', 'use EAPI 8 or later'],
    ['a://b/c -> d', '1', '->', 'use EAPI 2 or later'],
    ['a://b/c\u00a0d', '8', '\u00a0', 'write a plain space'],
    ['x? (a://b/c )', '8', '(', 'space is missing after'],
  ])('%j in EAPI %s: %j', (text, eapi, part, sentence) => {
    const [fault, ...others] = faults(text, parseSourceUri(text, 9, { eapi }));
    expect(fault?.[0]).toBe(part);
    expect(fault?.[1]).toContain(sentence);
    expect(others).toEqual([]);
  });

  test('finds the next URI after an error', () => {
    const parsed = parseSourceUri('a://b/ -> ) || b/c a://b/d -> e');
    expect(collectItems(parsed.nodes).map(({ fileName }) => fileName)).toEqual(['e']);
  });
});

describe('REQUIRED_USE (PMS 8.2)', () => {
  test.each([
    ['|| ( a b )', ['a', 'b'], true],
    ['|| ( a b )', ['b'], true],
    ['|| ( a b )', [], false],
    ['^^ ( a b )', ['a'], true],
    ['^^ ( a b )', ['a', 'b'], false],
    ['?? ( a b )', [], true],
    ['?? ( a b )', ['a', 'b'], false],
    ['a? ( !b )', ['a', 'b'], false],
    ['a? ( !b ) !a? ( b )', ['b'], true],
    ['|| ( ( a b ) !c )', ['c', 'a'], false],
    ['|| ( x? ( a ) b )', [], false],
    ['^^ ( x? ( a ) b )', ['x', 'a'], true],
    ['${PYTHON_REQUIRED_USE} a', ['a'], true],
  ])('%s with %j', (text, enabled, expected) => {
    const { nodes, errors } = parseRequiredUse(text, 0, { eapi: '8', ebuild: true });
    expect(errors).toEqual([]);
    expect(isAllowed(nodes, enabled)).toBe(expected);
  });

  test('an empty group is satisfied up to EAPI 6', () => {
    const { nodes } = parseRequiredUse('^^ ( x? ( a ) )');
    expect(isAllowed(nodes, [], '6')).toBe(true);
    expect(isAllowed(nodes, [], '7')).toBe(false);
  });

  test.each([
    ['?? ( a b )', '4', '??', 'use EAPI 5 or later'],
    ['a,b', '8', ',', 'write a plain space'],
    ['-a', '8', '-', 'cannot begin a USE flag: begin with a letter or a digit'],
    ['a:b', '8', ':', 'cannot stand in a USE flag'],
    ['!', '8', '!', 'flag is missing'],
    ['|| ( )', '8', '|| ( )', 'This group is empty'],
  ])('%j in EAPI %s: %j', (text, eapi, part, sentence) => {
    const [fault, ...others] = faults(text, parseRequiredUse(text, 9, { eapi, ebuild: true }));
    expect(fault?.[0]).toBe(part);
    expect(fault?.[1]).toContain(sentence);
    expect(others).toEqual([]);
  });
});

describe('LICENSE, RESTRICT and PROPERTIES (PMS 8.2)', () => {
  test('reads names in groups', () => {
    const text = 'GPL-2+ || ( MIT BSD-2 ) doc? ( FDL-1.3 )';
    const parsed = parseLicense(text, 0, { eapi: '8', ebuild: true });
    expect(parsed.errors).toEqual([]);
    expect(collectItems(parsed.nodes).map((node) => node.text)).toEqual([
      'GPL-2+',
      'MIT',
      'BSD-2',
      'FDL-1.3',
    ]);
  });

  test('reads tokens', () => {
    const parsed = parseRestrict('!test? ( test ) mirror ${X}', 0, { eapi: '8', ebuild: true });
    expect(parsed.errors).toEqual([]);
    expect(collectItems(parsed.nodes).map((node) => node.text)).toEqual(['test', 'mirror']);
  });

  test.each([
    [parseLicense, '^^ ( MIT )', '^^', 'not allowed in LICENSE: write `||` or remove it'],
    [parseLicense, 'MIT, BSD', ',', 'write a plain space'],
    [parseLicense, '+MIT', '+', 'cannot begin a license name'],
    [parseRestrict, '|| ( test )', '||', 'not allowed in RESTRICT and PROPERTIES: remove it'],
    [parseRestrict, 'test? test', 'test?', 'has no group'],
  ])('%o of %j: %j', (parse, text, part, sentence) => {
    const [fault, ...others] = faults(text, parse(text, 9));
    expect(fault?.[0]).toBe(part);
    expect(fault?.[1]).toContain(sentence);
    expect(others).toEqual([]);
  });
});
