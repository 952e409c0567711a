import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAtom } from '../../server/src/pms/atom.ts';
import { collectAtoms, type DependencyNode, parseDependency } from '../../server/src/pms/dependency.ts';
import {
  blockedPackages,
  isSatisfied,
  lookupIn,
  matchesAtom,
  type PackageFacts,
  unsatisfiedAtoms,
} from '../../server/src/pms/match.ts';
import { evaluateUse } from '../../server/src/pms/use.ts';
import { dependencyText, useFlag } from './arbitrary.ts';

const zlib: PackageFacts = {
  category: 'sys-libs',
  name: 'zlib',
  version: '1.2.13-r1',
  slot: '0',
  subslot: '1',
  use: ['static-libs'],
  iuse: ['+static-libs', 'minizip', '-doc'],
  repository: 'gentoo',
};
const png: PackageFacts = {
  category: 'media-libs',
  name: 'libpng',
  version: '1.6.39',
  slot: '0',
  subslot: '16',
  use: [],
};

/** The active tree as a list of words. */
function words(nodes: readonly DependencyNode[]): string {
  const group = { 'all-of': '', 'any-of': '|| ', 'exactly-one-of': '^^ ', 'at-most-one-of': '?? ' };
  return nodes
    .map((node) => {
      if (node.kind === 'use-conditional') return `${node.flag}? ( ${words(node.children)} )`;
      return 'text' in node ? node.text : `${group[node.kind]}( ${words(node.children)} )`;
    })
    .join(' ');
}

describe('matchesAtom (PMS 8.3)', () => {
  test.each([
    ['sys-libs/zlib', true],
    ['sys-libs/zlib-ng', false],
    ['dev-libs/zlib', false],
    ['>=sys-libs/zlib-1.2.13', true],
    ['>=sys-libs/zlib-1.2.13-r1', true],
    ['>sys-libs/zlib-1.2.13-r1', false],
    ['>sys-libs/zlib-1.2.13', true],
    ['<=sys-libs/zlib-1.2.13-r1', true],
    ['<sys-libs/zlib-1.3', true],
    ['<sys-libs/zlib-1.2.13', false],
    ['=sys-libs/zlib-1.2.13', false],
    ['=sys-libs/zlib-1.2.13-r1', true],
    ['~sys-libs/zlib-1.2.13', true],
    ['~sys-libs/zlib-1.2.12', false],
    ['=sys-libs/zlib-1.2*', true],
    ['=sys-libs/zlib-1.2.1*', false],
    ['sys-libs/zlib:0', true],
    ['sys-libs/zlib:0/1=', true],
    ['sys-libs/zlib:0/2', false],
    ['sys-libs/zlib:1', false],
    ['sys-libs/zlib:=', true],
    ['sys-libs/zlib:*', true],
    ['sys-libs/zlib::gentoo', true],
    ['sys-libs/zlib::guru', false],
    ['sys-libs/zlib[static-libs]', true],
    ['sys-libs/zlib[-static-libs]', false],
    ['sys-libs/zlib[minizip]', false],
    ['sys-libs/zlib[-minizip]', true],
    ['sys-libs/zlib[-doc]', true],
    ['sys-libs/zlib[gone]', false],
    ['sys-libs/zlib[-gone]', false],
    ['sys-libs/zlib[gone(+)]', true],
    ['sys-libs/zlib[-gone(+)]', false],
    ['sys-libs/zlib[gone(-)]', false],
    ['sys-libs/zlib[-gone(-)]', true],
    ['sys-libs/zlib[minizip?]', true],
    ['!<sys-libs/zlib-2', true],
  ])('%s: %s', (text, expected) => {
    const { atom } = parseAtom(text);
    expect(atom && matchesAtom(atom, zlib)).toBe(expected);
  });

  test('if IUSE is not known, a package has every flag', () => {
    const { atom } = parseAtom('media-libs/libpng[-apng]');
    expect(atom && matchesAtom(atom, png)).toBe(true);
  });
});

describe('evaluateUse (PMS 8.2.1, 8.3.4)', () => {
  test.each([
    ['ssl? ( a/b ) !ssl? ( c/d ) e/f', [], 'c/d e/f'],
    ['ssl? ( a/b ) !ssl? ( c/d ) e/f', ['ssl'], 'a/b e/f'],
    ['ssl? ( x? ( a/b ) c/d )', ['ssl'], 'c/d'],
    ['|| ( ssl? ( a/b c/d ) e/f )', ['ssl'], '|| ( ( a/b c/d ) e/f )'],
    ['|| ( ssl? ( a/b ) e/f )', ['ssl'], '|| ( a/b e/f )'],
    ['|| ( ssl? ( a/b ) )', [], '|| (  )'],
    ['x_${i}? ( a/b ) ${FOO}', ['x_'], '${FOO}'],
  ])('%s with %j', (text, flags, expected) => {
    expect(words(evaluateUse(parseDependency(text).nodes, flags))).toBe(expected);
  });

  test('does not change plain USE dependencies', () => {
    const { nodes } = parseDependency('a/b[a,-b(+)]');
    expect(evaluateUse(nodes, ['b'])).toEqual(nodes);
  });

  test.each([
    ['x=', ['x'], 'enabled'],
    ['x=', [], 'disabled'],
    ['!x=', ['x'], 'disabled'],
    ['!x=', [], 'enabled'],
    ['x?', ['x'], 'enabled'],
    ['x?', [], undefined],
    ['!x?', ['x'], undefined],
    ['!x?', [], 'disabled'],
  ])('[%s] under %j is %s', (use, flags, expected) => {
    const [node] = collectAtoms(evaluateUse(parseDependency(`a/b[${use}]`).nodes, flags));
    expect(node?.atom.use.map(({ form }) => form)).toEqual(expected === undefined ? [] : [expected]);
  });

  test('removes all conditionals, and evaluating again changes nothing', () => {
    fc.assert(
      fc.property(dependencyText, fc.array(useFlag), (text, flags) => {
        const once = evaluateUse(parseDependency(text).nodes, flags);
        expect(JSON.stringify(once)).not.toContain('use-conditional');
        expect(evaluateUse(once, flags)).toEqual(once);
      }),
    );
  });
});

describe('isSatisfied and unsatisfiedAtoms (PMS 8.2)', () => {
  test.each([
    ['sys-libs/zlib media-libs/libpng', ''],
    ['sys-libs/zlib dev-libs/a dev-libs/b', 'dev-libs/a dev-libs/b'],
    ['|| ( dev-libs/a sys-libs/zlib )', ''],
    ['|| ( ( dev-libs/a dev-libs/b ) dev-libs/c )', 'dev-libs/c'],
    ['|| ( dev-libs/a dev-libs/b )', 'dev-libs/a'],
    ['|| ( ( dev-libs/a sys-libs/zlib ) dev-libs/c )', 'dev-libs/a'],
    ['( dev-libs/a ( dev-libs/b ) )', 'dev-libs/a dev-libs/b'],
    ['!sys-libs/zlib !!dev-libs/a', ''],
    ['>=sys-libs/zlib-2', '>=sys-libs/zlib-2'],
    ['${UNKNOWN} off? ( dev-libs/a )', ''],
  ])('%s lacks %j', (text, expected) => {
    const { nodes } = parseDependency(text);
    const missing = unsatisfiedAtoms(nodes, lookupIn([zlib, png]));
    expect(missing.map((node) => node.text).join(' ')).toBe(expected);
    expect(isSatisfied(nodes, [zlib, png])).toBe(expected === '');
  });

  test.each([
    ['^^ ( sys-libs/zlib dev-libs/a )', true],
    ['^^ ( sys-libs/zlib media-libs/libpng )', false],
    ['?? ( sys-libs/zlib dev-libs/a )', true],
    ['?? ( sys-libs/zlib media-libs/libpng )', false],
    ['|| ( )', false],
  ])('%s: %s', (text, expected) => {
    expect(isSatisfied(parseDependency(text).nodes, lookupIn([zlib, png]))).toBe(expected);
  });

  test.each([
    ['|| ( )', '6', true],
    ['|| ( )', '7', false],
    ['|| ( )', '9', false],
    ['|| ( off? ( dev-libs/a ) )', '6', true],
    ['|| ( off? ( dev-libs/a ) )', '8', false],
    // A blocker is a normal alternative; outside groups it is always satisfied.
    ['|| ( !dev-libs/a dev-libs/b )', '8', true],
    ['|| ( !sys-libs/zlib dev-libs/b )', '8', false],
    ['( !sys-libs/zlib )', '8', true],
  ])('%s in EAPI %s: %s', (text, eapi, expected) => {
    const nodes = evaluateUse(parseDependency(text).nodes, []);
    expect(isSatisfied(nodes, [zlib, png], eapi)).toBe(expected);
  });

  test('a blocker of an existing package is not a satisfied alternative', () => {
    const { nodes } = parseDependency('|| ( !sys-libs/zlib dev-libs/b )');
    expect(unsatisfiedAtoms(nodes, lookupIn([zlib])).map((node) => node.text)).toEqual(['dev-libs/b']);
  });

  test('blockedPackages gives each blocker with its packages, and a weak blocker does not block its own package', () => {
    const { nodes } = parseDependency(
      '!<sys-libs/zlib-2 ( !!media-libs/libpng:0 ) || ( !sys-libs/zlib ) !dev-libs/a',
    );
    const blocked = (own?: PackageFacts) =>
      blockedPackages(nodes, lookupIn([zlib, png]), own).map(
        ({ blocker, blocked: candidate }) => `${blocker.text} ${candidate.name}`,
      );
    expect(blocked()).toEqual(['!<sys-libs/zlib-2 zlib', '!!media-libs/libpng:0 libpng']);
    expect(blocked(zlib)).toEqual(['!!media-libs/libpng:0 libpng']);
    expect(blocked(png)).toEqual(blocked());
  });

  test('unsatisfiedAtoms is empty if the dependency is satisfied', () => {
    fc.assert(
      fc.property(dependencyText, (text) => {
        const nodes = evaluateUse(parseDependency(text.replace(/\^\^|\?\?/g, '||')).nodes, []);
        const missing = unsatisfiedAtoms(nodes, lookupIn([zlib, png]));
        if (missing.length > 0) expect(isSatisfied(nodes, [zlib, png])).toBe(false);
        if (isSatisfied(nodes, [zlib, png])) expect(missing).toEqual([]);
      }),
    );
  });
});

describe('of several packages', () => {
  const candidates = ['1.9', '1.10-r1', '1.10', '2_rc1', 'no version', '2_beta'].map((version) => ({
    ...png,
    version,
    slot: version.startsWith('2') ? '2' : '0',
  }));

  test.each([
    ['media-libs/libpng', candidates.map(({ version }) => version)],
    ['media-libs/libpng:0', ['1.9', '1.10-r1', '1.10', 'no version']],
    ['<media-libs/libpng-1.10', ['1.9']],
    ['~media-libs/libpng-1.10', ['1.10-r1', '1.10']],
    ['=media-libs/libpng-2*', ['2_rc1', '2_beta']],
    ['>media-libs/libpng-2', []],
    ['media-libs/other', []],
  ])('%s matches %j', (text, expected) => {
    const { atom } = parseAtom(text);
    const matched = candidates.filter((candidate) => atom && matchesAtom(atom, candidate));
    expect(matched.map(({ version }) => version)).toEqual(expected);
  });
});
