import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, findUnknownSettings, readSettings } from '../../server/src/lsp/settings.ts';

interface Property {
  readonly type: string;
  readonly default: unknown;
  readonly enum?: readonly string[];
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
/** The language client of VS Code reads `trace.server` itself. */
const { 'ebuildAudit.trace.server': trace, ...properties }: Record<string, Property> =
  manifest.contributes.configuration.properties;

/** Lists settings by their full names, as in a manifest or settings.json. */
function flatten(group: object, start: string): [string, unknown][] {
  return Object.entries(group).flatMap(([name, value]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? flatten(value, `${start}.${name}`)
      : [[`${start}.${name}`, value]],
  );
}

/** The section that a client sends for one setting: `ebuildAudit.limits.memory` is in a group of its own. */
function section(name: string, value: unknown): object {
  const [, ...path] = name.split('.');
  return path.reduceRight((inner: unknown, key) => ({ [key]: inner }), value) as object;
}

test('the manifest declares the settings of the schema, with its defaults', () => {
  const declared = Object.entries(properties).map(([name, { default: value }]) => [name, value]);
  expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(flatten(DEFAULT_SETTINGS, 'ebuildAudit')));
});

test('the manifest offers the values of trace.server that the language client knows, and the server does not mind it', () => {
  expect(trace).toMatchObject({ enum: ['off', 'messages', 'verbose'], default: 'off' });
  expect(findUnknownSettings({ trace: { server: 'verbose' } })).toEqual([]);
});

test.each(Object.entries(properties))(
  'the schema refuses another type than the manifest for %s',
  (name, property) => {
    const wrong = property.type === 'string' ? 1 : 'one';
    expect(() => readSettings(section(name, wrong))).toThrow(`${name} is invalid`);
    for (const value of property.enum ?? [])
      expect(readSettings(section(name, value))).toMatchObject(section(name, value));
  },
);

test('absent settings take their defaults', () => {
  const defaults = readSettings({});
  for (const value of [undefined, null, { root: null, limits: { memory: null }, unknown: 1 }, 'text']) {
    expect(readSettings(value)).toEqual(defaults);
  }
  expect(defaults).toMatchObject({
    jobs: 1,
    buildJobs: 0,
    limits: {},
    storage: { records: 2 ** 28, snapshots: 2 ** 33, logs: 2 ** 29 },
  });
});

test('limits are read in their units, and a wrong one is named', () => {
  expect(readSettings({ limits: { memory: '2G', time: '90m', processes: '' } }).limits).toEqual({
    memory: 2 * 2 ** 30,
    time: 90 * 60_000,
  });
  expect(() => readSettings({ limits: { disk: 'much' } })).toThrow(
    'The setting ebuildAudit.limits.disk is invalid: it must be an amount such as 4096, 8G or 90m.',
  );
});

test('folders and servers of binary packages are lists, and a relative path is refused', () => {
  const value = { packageFolders: ['/srv/packages'], binhosts: ['https://example.org/packages'] };
  expect(readSettings(value)).toMatchObject(value);
  expect(() => readSettings({ packageFolders: ['packages'] })).toThrow(
    /packageFolders\.0 is invalid: it must be an absolute path/,
  );
});
