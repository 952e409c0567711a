import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

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
