import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';

/** Everything but tests: an export that only a test imports is dead, and the test keeps it alive. */
const SOURCES = ['server/src', 'client/src', 'bench', 'accuracy', 'scripts'];

/** Exports that nothing imports, and why they stay. */
const KEPT: Readonly<Record<string, string>> = {
  'client/src/extension.ts activate': 'VS Code calls it',
};

const IMPORT = /\b(?:import|export)\s+(?:type\s+)?(\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+'(\.[^']+)'/g;
const EXPORT =
  /^export\s+(?:async\s+)?(?:function\*?|const|let|(?:abstract\s+)?class|interface|type|enum)\s+(\w+)/gm;

interface Source {
  readonly path: string;
  readonly text: string;
}

/** `path name` of each export that no other source imports and that its own file does not use. */
function findDeadExports(sources: readonly Source[]): string[] {
  const imported = new Set<string>();
  for (const { path, text } of sources) {
    for (const [, names = '', from = ''] of text.matchAll(IMPORT)) {
      const target = posix.join(posix.dirname(path), from);
      for (const [name] of names.matchAll(/(?<!\bas\s+)\b(?!type\s+\w|as\s)\w+|\*/g))
        imported.add(`${target} ${name}`);
    }
  }
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(EXPORT)]
      .map(([, name = '']) => name)
      .filter((name) => !imported.has(`${path} ${name}`) && !imported.has(`${path} *`))
      .filter((name) => (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length === 1)
      .map((name) => `${path} ${name}`),
  );
}

test('an export that nobody imports is found', () => {
  const sources = [
    {
      path: 'a/one.ts',
      text: "import { type Two, three as four } from '../b/two.ts';\nexport const dead = 1;\nexport type Own = 1;\ntype Uses = Own;\n",
    },
    {
      path: 'b/two.ts',
      text: 'export interface Two {}\nexport function three() {}\nexport function four() {}\nexport class Five {}\n',
    },
    { path: 'b/six.ts', text: 'export async function seven() {}\n' },
    { path: 'c.ts', text: "export * from './b/six.ts';\n" },
  ];
  expect(findDeadExports(sources)).toEqual(['a/one.ts dead', 'b/two.ts four', 'b/two.ts Five']);
});

test('every export is used by the product or its tools, or kept for a reason', () => {
  const sources = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ path: posix.join(folder, name), text: readFileSync(join(folder, name), 'utf8') })),
  );
  expect(findDeadExports(sources).sort()).toEqual(Object.keys(KEPT).sort());
});
