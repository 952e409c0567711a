import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectAtoms, type DependencyNode, parseDependency } from '../../server/src/pms/dependency.ts';
import { brokenText, dependencyText } from './arbitrary.ts';

/** The tree in one line: `any-of(a/b foo?(c/d) $opaque !invalid)`. */
function outline(nodes: readonly DependencyNode[]): string {
  return nodes
    .map((node) => {
      if (node.kind === 'atom') return node.text;
      if (node.kind === 'opaque') return `opaque<${node.text}>`;
      if (node.kind === 'invalid') return `invalid<${node.text}>`;
      const head = node.kind === 'use-conditional' ? `${node.negated ? '!' : ''}${node.flag}?` : node.kind;
      return `${head}(${outline(node.children)})`;
    })
    .join(' ');
}

describe('parseDependency (PMS 8.2)', () => {
  test.each([
    ['', ''],
    [' \n\t', ''],
    ['a/b', 'a/b'],
    ['\n\ta/b\n\tc/d[x?]\n', 'a/b c/d[x?]'],
    ['|| ( a/b ( c/d e/f ) )', 'any-of(a/b all-of(c/d e/f))'],
    ['ssl? ( !x? ( a/b ) c/d )', 'ssl?(!x?(a/b) c/d)'],
    ['a/b[x(+),y(-)] ( )', 'a/b[x(+),y(-)] all-of()'],
    ['!a/b !!<c/d-2', '!a/b !!<c/d-2'],
    ['${RDEPEND} $FOO a/b', 'opaque<${RDEPEND}> opaque<$FOO> a/b'],
    ['dev-qt/qtbase-${PV}:6[a(+),${X}] a/b', 'opaque<dev-qt/qtbase-${PV}:6[a(+),${X}]> a/b'],
    ['$(gen \'a/b[${U}] ( ) ")" \' ${x} ) c/d', 'opaque<$(gen \'a/b[${U}] ( ) ")" \' ${x} )> c/d'],
    ['${X:-a b} `x y` a/b', 'opaque<${X:-a b}> opaque<`x y`> a/b'],
    ['llvm_slot_${s}? ( a/b )', 'llvm_slot_${s}?(a/b)'],
    ['a/b \\\n c/d', 'a/b c/d'],
  ])('%j', (text, expected) => {
    const { nodes, errors } = parseDependency(text);
    expect(outline(nodes)).toBe(expected);
    expect(errors).toEqual([]);
  });

  // The text, its outline, and for each error the underlined part and words of the message.
  test.each([
    ['ssl?( a/b ) c/d', 'ssl?(a/b) c/d', ['(', 'missing before']],
    ['ssl? (a/b) c/d', 'ssl?(a/b) c/d', ['(', 'missing after'], [')', 'missing before']],
    ['|| ( a/b c/d', 'any-of(a/b c/d)', ['(', 'never closed']],
    ['a/b ) c/d', 'a/b c/d', [')', 'closes nothing']],
    ['ssl? a/b c/d', 'invalid<ssl?> a/b c/d', ['ssl?', 'has no group']],
    ['( || ) a/b', 'all-of(invalid<||>) a/b', ['||', 'has no group']],
    ['|| ssl? ( a/b )', 'invalid<||> ssl?(a/b)', ['||', 'has no group']],
    ['zlib a/b', 'invalid<zlib> a/b', ['zlib', 'category/name']],
    ['a/b[x, y] c/d', 'a/b[x, y] c/d', [' ', 'inside `[…]`']],
    ['a/b[x c/d[y] e/f', 'a/b[x c/d[y] e/f', ['[', 'add `]`']],
    ['a/b,c/d', 'a/b c/d', [',', 'write a plain space']],
    ['a/b; c/d', 'a/b c/d', [';', 'write a plain space']],
    ['a/b\u00a0c/d', 'a/b c/d', ['\u00a0', 'U+00A0']],
    ['^^ ( a/b c/d )', 'exactly-one-of(a/b c/d)', ['^^', 'write `||`']],
    ['?? ( a/b ) c/d', 'at-most-one-of(a/b) c/d', ['??', 'not allowed in dependencies']],
    ['foo? (', 'foo?()', ['(', 'never closed']],
    ['|| (', 'any-of()', ['(', 'never closed']],
    ['a/b # why\n c/d', 'a/b invalid<# why> c/d', ['# why', 'above the variable']],
    ['& ? ( a/b )', 'invalid<&> ?(a/b)', ['&', 'category/name'], ['?', 'not a USE flag']],
    ['$(gen a/b', 'opaque<$(gen> a/b', ['$(gen', 'not closed']],
    ['${X a/b c/d', 'opaque<${X> a/b c/d', ['${X', 'not closed']],
  ] as const)('mends %j', (text, expected, ...wanted) => {
    const { nodes, errors } = parseDependency(text, 50);
    expect(outline(nodes)).toBe(expected);
    expect(errors.map((error) => text.slice(error.start - 50, error.end - 50))).toEqual(
      wanted.map(([part]) => part),
    );
    for (const [index, [, sentence]] of wanted.entries()) expect(errors[index]?.message).toContain(sentence);
  });

  test('an ebuild must not have empty groups', () => {
    const text = 'a/b ssl? ( ) || ( ( ) )';
    const { errors } = parseDependency(text, 0, { ebuild: true });
    expect(errors.map(({ start, end }) => text.slice(start, end))).toEqual(['ssl? ( )', '( )']);
    expect(parseDependency(text).errors).toEqual([]);
  });

  test('an ebuild must not have slot operators in any-of groups', () => {
    const text = 'a/b:= || ( c/d:=[x=] ( e/f:2= ) g/h:*[y=] )';
    const { errors } = parseDependency(text, 50, { ebuild: true });
    expect(errors.map(({ start, end }) => [start - 50, text.slice(start - 50, end - 50)])).toEqual([
      [14, ':='],
      [28, '='],
    ]);
    expect(parseDependency(text).errors).toEqual([]);
  });

  test('ranges are UTF-16 offsets from the base', () => {
    const text = '😀 ssl? ( dev-libs/é a/b )';
    const { nodes } = parseDependency(text, 7);
    const [, conditional] = nodes;
    expect(conditional).toMatchObject({ kind: 'use-conditional', start: 7 + 3, end: 7 + text.length });
    const [atom] = collectAtoms(nodes);
    expect(text.slice((atom?.start ?? 0) - 7, (atom?.end ?? 0) - 7)).toBe('a/b');
  });

  test('valid text gives no errors, and every node has the right range', () => {
    fc.assert(
      fc.property(dependencyText, (text) => {
        const { nodes, errors } = parseDependency(text, 3);
        expect(errors).toEqual([]);
        checkRanges(nodes, text, 3, 3, 3 + text.length);
        expect(outline(parseDependency(text).nodes)).toBe(outline(nodes));
      }),
    );
  });

  test('is total, and ranges are nested and in order', () => {
    fc.assert(
      fc.property(brokenText, (text) => {
        const { nodes, errors } = parseDependency(text);
        checkRanges(nodes, text, 0, 0, text.length);
        for (const error of errors) {
          expect(error.start).toBeGreaterThanOrEqual(0);
          expect(error.end).toBeGreaterThanOrEqual(error.start);
          expect(error.end).toBeLessThanOrEqual(text.length);
          expect(error.message).toMatch(/\.$/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('finds the next atom after an error', () => {
    const broken = brokenText.filter((text) => !text.endsWith('\\'));
    fc.assert(
      fc.property(broken, (text) => {
        const atoms = collectAtoms(parseDependency(`${text}\n dev-libs/next \n`).nodes);
        expect(atoms.at(-1)?.text).toBe('dev-libs/next');
      }),
      { numRuns: 2000 },
    );
  });

  test('reads deep nesting and long text in linear time', () => {
    const deep = parseDependency(`${'( '.repeat(100_000)}a/b${' )'.repeat(100_000)} c/d`);
    expect(collectAtoms(deep.nodes).map((atom) => atom.text)).toEqual(['a/b', 'c/d']);
    expect(deep.errors[0]?.message).toContain('nested more than');
    const started = performance.now();
    for (const piece of ['$(', '${', '[', 'a/b[x ', '-1', '`', '"', '$("', '|| '])
      parseDependency(piece.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

function checkRanges(
  nodes: readonly DependencyNode[],
  text: string,
  base: number,
  low: number,
  high: number,
): void {
  let previous = low;
  for (const node of nodes) {
    expect(node.start).toBeGreaterThanOrEqual(previous);
    expect(node.end).toBeGreaterThanOrEqual(node.start);
    expect(node.end).toBeLessThanOrEqual(high);
    previous = node.end;
    if (node.kind === 'atom' || node.kind === 'opaque' || node.kind === 'invalid') {
      expect(text.slice(node.start - base, node.end - base)).toBe(node.text);
    } else checkRanges(node.children, text, base, node.start, node.end);
  }
}
