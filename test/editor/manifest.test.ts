import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { collectSentences, formatBundle } from '../../scripts/l10n-sentences.ts';

const written = readFileSync('package.json', 'utf8');
const sentences: Readonly<Record<string, string>> = JSON.parse(readFileSync('package.nls.json', 'utf8'));
/** With the English sentences in place of their keys. */
const manifest = JSON.parse(written, (_, value: unknown) =>
  typeof value === 'string' && /^%.*%$/.test(value) ? sentences[value.slice(1, -1)] : value,
);

test('the manifest names each grammar by the scope that the grammar has, and files that exist', () => {
  expect(manifest.contributes.grammars).not.toEqual([]);
  for (const { path, scopeName, language } of manifest.contributes.grammars) {
    expect(JSON.parse(readFileSync(path, 'utf8')).scopeName).toBe(scopeName);
    expect(manifest.contributes.languages.map((contributed: { id: string }) => contributed.id)).toContain(
      language,
    );
  }
  for (const { configuration } of manifest.contributes.languages)
    expect(existsSync(configuration)).toBe(true);
});

test('every command of a menu is declared', () => {
  const declared = manifest.contributes.commands.map(({ command }: { command: string }) => command);
  const menus = Object.values<{ command: string }[]>(manifest.contributes.menus).flat();
  expect(menus.length).toBeGreaterThan(0);
  for (const { command } of menus) expect(declared).toContain(command);
});

test('docs/editor.md names every command and every setting', () => {
  const page = readFileSync('docs/editor.md', 'utf8');
  for (const { category, title } of manifest.contributes.commands)
    expect(page).toContain(`| ${category}: ${title} |`);
  for (const setting of Object.keys(manifest.contributes.configuration.properties))
    expect(page).toContain(`\`${setting}\``);
});

test('every sentence of the manifest can be translated, and every key is used', () => {
  const used = [...written.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key);
  expect([...new Set(used)].sort()).toEqual(Object.keys(sentences).sort());
  // Only names stay: those of the product, of languages and of other tools.
  const plain = [
    ...written.matchAll(/"(?:title|name|description|markdownDescription|contents)": "(?!%)([^"]*)"/g),
  ];
  const names = ['ebuild-audit', 'Ebuild Audit', JSON.parse(written).description];
  expect(plain.map(([, text]) => text).filter((text) => !names.includes(text))).toEqual([]);
});

test('the bundle for translators has every sentence of the client', () => {
  expect(readFileSync('l10n/bundle.l10n.json', 'utf8')).toBe(formatBundle(collectSentences()));
});
