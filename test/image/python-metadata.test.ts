import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateMarker } from '../../server/src/image/named/environment-marker.ts';
import {
  distributionOf,
  normaliseDistribution,
  readRequirements,
  splitDistribution,
} from '../../server/src/image/named/python-metadata.ts';

const SITE = '/usr/lib/python3.11/site-packages';
const METADATA = `${SITE}/Foo-1.dist-info/METADATA`;

/** `NAME ATLEAST: STATED`, with `?` behind the name if only some versions of Python require it. */
const read = (text: string, user = METADATA) =>
  readRequirements(text, user).map(
    ({ name, atLeast = '', stated, isForVersion }) =>
      `${name}${isForVersion ? '?' : ''} ${atLeast}: ${stated}`,
  );
const readOne = (requirement: string, user = METADATA) => read(`Requires-Dist: ${requirement}\n`, user);

describe('Requires-Dist', () => {
  test.each([
    ['MarkupSafe (>=2.0)', ['markupsafe 2.0: MarkupSafe (>=2.0)']],
    ['MarkupSafe>=2.0', ['markupsafe 2.0: MarkupSafe (>=2.0)']],
    ['MarkupSafe >= 2.0 , != 2.1', ['markupsafe 2.0: MarkupSafe (>=2.0,!=2.1)']],
    ['zope.interface', ['zope-interface : zope.interface']],
    ['a[b,c]>=1', ['a 1: a (>=1)']],
    ['a ~= 2.1', ['a 2.1: a (~=2.1)']],
    ['a<3,>=2', ['a 2: a (<3,>=2)']],
    ['a == 2.1', ['a : a (==2.1)']],
    ['a > 2.1', ['a : a (>2.1)']],
    ['a >= 2.0rc1', ['a : a (>=2.0rc1)']],
    ['a @ https://example.org/a;b.zip', ['a : a']],
    ['a @ https://example.org/a.zip ; extra == "x"', []],
    ["a ; extra == 'test'", []],
    ["a>=1; (python_version >= '3.6') and extra == 'docs'", []],
    ["a; sys_platform == 'win32'", []],
    ["a; platform_system != 'Windows'", ['a : a']],
    ["a; python_version < '3.8'", []],
    ["a>=1; python_version < '3.13'", ["a? 1: a (>=1) if python_version < '3.13'"]],
    ["a; python_version >= '3.8'", ['a : a']],
    ["a; platform_python_implementation != 'PyPy'", ["a? : a if platform_python_implementation != 'PyPy'"]],
    ["a; platform_machine == 'x86_64'", []],
    ["a; platform_machine == 'x86_64' or os_name == 'posix'", ['a : a']],
    ['>=2', []],
    ['a ???', []],
  ])('%s', (requirement, told) => {
    expect(readOne(requirement)).toEqual(told);
  });

  test('stands in the header only, and may go on in the next line', () => {
    const text = 'Name: foo\nRequires-Dist: a\n  >=2\nProvides-Extra: x\n y\n\nRequires-Dist: b\n';
    expect(read(text)).toEqual(['a 2: a (>=2)']);
  });

  test('says nothing about a version of Python that the path does not tell', () => {
    const user = '/usr/lib/python3/dist-packages/Foo-1.egg-info';
    expect(readOne("a; python_version < '3.13'", user)).toEqual([]);
    expect(readOne('a', user)).toEqual(['a : a']);
  });

  test('is read for the Python of the path', () => {
    const marker = "a; implementation_name == 'pypy' and python_version == '3.10'";
    expect(readOne(marker, '/usr/lib/pypy3.10/site-packages/Foo-1.dist-info/METADATA')).toEqual([
      `a? : a if ${marker.slice(3)}`,
    ]);
    expect(readOne(marker)).toEqual([]);
  });
});

test('the sections of requires.txt are extras and markers', () => {
  const text =
    'a>=1\n\n[:python_version < "3.12"]\nb\n\n[:sys_platform == "win32"]\nc\n\n[test]\nd\n[x:os_name == "posix"]\ne\n';
  expect(read(text, `${SITE}/Foo-1-py3.11.egg-info/requires.txt`)).toEqual([
    'a 1: a (>=1)',
    'b? : b if python_version < "3.12"',
  ]);
});

test.each([
  ['python_version < "3.9"', false],
  ['python_version <= "3.11"', true],
  ['"3.11" <= python_version', true],
  ['python_version == "3.*"', true],
  ['python_version ~= "3.8"', true],
  ['python_version not in "2.7, 3.10"', true],
  ['python_full_version < "3.11.0a7"', undefined],
  ['python_full_version < "3.11"', false],
  ['python_full_version >= "3.10.2"', true],
  ['not python_version', undefined],
  ['(python_version > "3" or extra == "x") and os_name == "posix"', true],
  ['platform_machine == "x" and os_name == "nt"', false],
  ['platform_machine == "x" and os_name == "posix"', undefined],
  ['os_name == "posix" os_name', undefined],
  ['(os_name == "posix"', undefined],
  ['', undefined],
  [`${'('.repeat(400)}os_name == "posix"${')'.repeat(400)}`, undefined],
])('the marker %s is %s', (marker, truth) => {
  expect(evaluateMarker(marker, { version: '3.11', implementation: 'CPython' })).toBe(truth);
});

test.each([
  [METADATA, 'foo'],
  ['/usr/lib/pypy3.10/site-packages/A.b_c-1.0.egg-info/PKG-INFO', 'a-b-c'],
  [`${SITE}/foo-1-py3.11.egg-info`, 'foo'],
  ['/usr/lib/python3/dist-packages/foo-bar.egg-info/requires.txt', 'foo-bar'],
  [`${SITE}/foo/_vendor/bar-1.dist-info/METADATA`, undefined],
  [`${SITE}/foo-1.dist-info/RECORD`, undefined],
  ['/usr/share/doc/foo/METADATA', undefined],
])('%s is the metadata of %s', (path, name) => {
  expect(distributionOf(path)).toBe(name);
});

test('names are split from their versions', () => {
  expect(splitDistribution('zope.interface-5.0.dev0-py3.11')).toEqual({
    name: 'zope.interface',
    version: '5.0.dev0',
  });
  expect(splitDistribution('foo-bar')).toEqual({ name: 'foo-bar' });
  expect(normaliseDistribution('Foo__Bar.-baz')).toBe('foo-bar-baz');
});

test('any text can be read', () => {
  const word = fc.constantFrom(
    ...['Requires-Dist: ', 'a', '[', ']', '(', ')', ';', '"', "'", ',', '>=', '==', '1.0', '\n', ' ', '@'],
    ...['python_version', 'extra', 'and', 'or', 'not in', ':'],
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(METADATA, `${SITE}/a.egg-info/requires.txt`), (written, user) => {
      for (const { name, atLeast = '1' } of [
        ...readRequirements(written, user),
        ...readRequirements(`Requires-Dist: ${written}`, user),
      ]) {
        expect(normaliseDistribution(name)).toBe(name);
        expect(atLeast).toMatch(/^\d+(\.\d+)*$/);
      }
      expect([true, false, undefined]).toContain(
        evaluateMarker(written, { version: '3.11', implementation: 'CPython' }),
      );
    }),
  );
});
