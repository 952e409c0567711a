import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { Query } from 'web-tree-sitter';
import { createBashParser } from '../../server/src/ebuild/bash-parser.ts';
import { bash } from './bash.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const wasm = join(project, 'grammars/tree-sitter-bash.wasm');
const runtime = join(project, 'node_modules/web-tree-sitter/web-tree-sitter.wasm');

describe('grammars/tree-sitter-bash.wasm', () => {
  test('is the file that grammars/README.md names, unchanged from its package', async () => {
    const bytes = await readFile(wasm);
    const readme = await readFile(join(project, 'grammars/README.md'), 'utf8');
    const entry = (name: string): string | undefined =>
      new RegExp(`^\\| ${name} \\| (.*) \\|$`, 'm').exec(readme)?.[1];
    const manifest = createRequire(import.meta.url)('tree-sitter-bash/package.json') as { version: string };
    expect(entry('sha256')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(entry('size')).toBe(`${bytes.length} bytes`);
    expect(entry('version')).toBe(manifest.version);
    expect(entry('ABI')).toMatch(new RegExp(`^${bash.language.abiVersion} `));
    expect(
      bytes.equals(await readFile(join(project, 'node_modules/tree-sitter-bash/tree-sitter-bash.wasm'))),
    ).toBe(true);
  });

  test('rejects a file that is not a grammar', async () => {
    await expect(createBashParser(await readFile(runtime), new Uint8Array([1, 2, 3]))).rejects.toThrow();
  });
});

describe('the parser in a bundle', () => {
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true });
  });

  test('works from bytes alone, without node_modules', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ebuild-audit-bundle-'));
    folders.push(folder);
    const entry = `
      import { createBashParser } from ${JSON.stringify(join(project, 'server/src/ebuild/bash-parser.ts'))};
      import { parseEbuild } from ${JSON.stringify(join(project, 'server/src/ebuild/facts.ts'))};
      export async function read(runtime, grammar, text) {
        return parseEbuild(text, await createBashParser(runtime, grammar)).assignments.map((found) => found.value);
      }`;
    const outfile = join(folder, 'bundle.mjs');
    await writeFile(join(folder, 'entry.ts'), entry);
    await build({
      entryPoints: [join(folder, 'entry.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      nodePaths: [join(project, 'node_modules')],
      logLevel: 'silent',
    });
    const bundle = (await import(outfile)) as {
      read(runtime: Uint8Array, grammar: Uint8Array, text: string): Promise<string[]>;
    };
    expect(await bundle.read(await readFile(runtime), await readFile(wasm), 'DEPEND="a/b"\n')).toEqual([
      'a/b',
    ]);
  });
});

describe('grammars/queries/ebuild', () => {
  const text = `EAPI=8
inherit cmake git-r3
MY_PV=1
DEPEND="dev-libs/foo"
src_install() {
	helper
	dobin foo
}
helper() {
	use ssl && einfo "\${MY_PV}"
}
`;

  async function captures(file: string): Promise<string[]> {
    const query = new Query(
      bash.language,
      await readFile(join(project, 'grammars/queries/ebuild', file), 'utf8'),
    );
    const tree = bash.parser.parse(text);
    if (tree === null) throw new Error('no tree');
    const found = query.captures(tree.rootNode).map(({ name, node }) => `${name} ${node.text.trim()}`);
    tree.delete();
    query.delete();
    return found;
  }

  test('highlights.scm compiles and names what is the ebuild’s own', async () => {
    const found = await captures('highlights.scm');
    for (const expected of [
      'variable.builtin EAPI',
      'variable.builtin DEPEND',
      'keyword.import inherit',
      'module cmake',
      'module git-r3',
      'function.builtin src_install',
      'function helper',
      'function.builtin dobin',
      'function.call helper',
      'function.builtin use',
      'function.builtin einfo',
      'variable MY_PV',
      'string "dev-libs/foo"',
    ]) {
      expect(found).toContain(expected);
    }
    expect(found).not.toContain('variable.builtin MY_PV');
    expect(found).not.toContain('function.call dobin');
    expect(found).not.toContain('function src_install');
    expect(found).not.toContain('function.call inherit');
  });

  test('locals.scm compiles and finds definitions', async () => {
    const found = await captures('locals.scm');
    expect(found).toContain('local.definition helper');
    expect(found).toContain('local.definition MY_PV');
    expect(found).toContain('local.reference MY_PV');
  });
});

describe('grammars for VS Code', () => {
  const json = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(project, 'grammars', file), 'utf8'));

  test.each(['ebuild', 'gentoo-profile', 'gentoo-manifest', 'gentoo-cache'])(
    'every include of %s.tmLanguage.json leads somewhere, and every pattern compiles',
    async (name) => {
      const grammar = (await json(`${name}.tmLanguage.json`)) as { repository: Record<string, unknown> };
      const text = JSON.stringify(grammar);
      for (const [, target] of text.matchAll(/"include":"#([^"]+)"/g))
        expect(grammar.repository).toHaveProperty([target ?? '']);
      const patterns = [...text.matchAll(/"(?:match|begin|end)":("(?:[^"\\]|\\.)*")/g)];
      expect(patterns.length).toBeGreaterThan(0);
      for (const [, pattern] of patterns)
        expect(() => new RegExp(JSON.parse(pattern ?? '""') as string)).not.toThrow();
    },
  );

  test.each([
    [
      '>=dev-libs/foo-bar-1.2_rc1-r3:0/5=[ssl,-X] ',
      ['', '>=', 'dev-libs/', 'foo-bar', '-1.2_rc1-r3', ':0/5=', '[ssl,-X]'],
    ],
    ['!!sys-libs/zlib ', ['!!', undefined, 'sys-libs/', 'zlib', undefined, undefined, undefined]],
    ['~dev-qt/qtbase-${PV}:6 ', ['', '~', 'dev-qt/', 'qtbase', undefined, undefined, undefined]],
  ])('the atom pattern takes %s apart', async (text, expected) => {
    const grammar = (await json('ebuild.tmLanguage.json')) as { repository: { atom: { match: string } } };
    expect(new RegExp(grammar.repository.atom.match).exec(text)?.slice(1)).toEqual(expected);
  });

  test('language-configuration.json holds patterns that compile', async () => {
    const configuration = (await json('language-configuration.json')) as {
      wordPattern: string;
      indentationRules: Record<'increaseIndentPattern' | 'decreaseIndentPattern', string>;
    };
    const { increaseIndentPattern, decreaseIndentPattern } = configuration.indentationRules;
    expect('DEPEND="').toMatch(new RegExp(increaseIndentPattern));
    expect('src_install() {').toMatch(new RegExp(increaseIndentPattern));
    expect('DEPEND="a/b"').not.toMatch(new RegExp(increaseIndentPattern));
    expect('"').toMatch(new RegExp(decreaseIndentPattern));
    expect(new RegExp(configuration.wordPattern).exec('>=dev-libs/foo')?.[0]).toBe('dev-libs/foo');
  });
});
