import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, readSettings } from '../../server/src/lsp/settings.ts';

interface Property {
  readonly type: string;
  readonly default: unknown;
  readonly enum?: readonly string[];
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const properties: Record<string, Property> = manifest.contributes.configuration.properties;

test('the manifest declares the settings of the schema, with its defaults', () => {
  const declared = Object.entries(properties).map(([name, { default: value }]) => [name, value]);
  const expected = Object.entries(DEFAULT_SETTINGS).map(([name, value]) => [`ebuildAudit.${name}`, value]);
  expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(expected));
});

test.each(Object.entries(properties))(
  'the schema refuses another type than the manifest for %s',
  (name, property) => {
    const key = name.replace('ebuildAudit.', '');
    expect(() => readSettings({ [key]: property.type === 'string' ? 1 : 'one' })).toThrow(name);
    for (const value of property.enum ?? [])
      expect(readSettings({ [key]: value })).toHaveProperty(key, value);
  },
);

test('absent settings take their defaults', () => {
  for (const value of [undefined, null, {}, { root: null, unknown: 1 }, 'text']) {
    expect(readSettings(value)).toEqual(DEFAULT_SETTINGS);
  }
});
