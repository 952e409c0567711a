import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { describeSchemas } from '../../server/src/sharing/schemas.ts';
import { makePayload } from './made-records.ts';
import { RICH } from './rich-record.ts';

const read = (name: string) => JSON.parse(readFileSync(`docs/schemas/${name}.schema.json`, 'utf8'));
const ajv = new Ajv2020({ strict: true, strictTypes: false });
function problemsOf(name: string, value: unknown): readonly string[] {
  const check = ajv.getSchema(read(name).$id) ?? ajv.compile(read(name));
  check(value);
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe.each(Object.entries(describeSchemas()))('the schema %s', (name, schema) => {
  test('is published as the product reads it ("node scripts/run.mjs schemas" writes it)', () => {
    expect(read(name)).toEqual(JSON.parse(JSON.stringify(schema)));
  });
});

describe('the published schema', () => {
  const statement = () => JSON.parse(makePayload(RICH).toString());
  test('of a record takes an exported one in which every key has a value', () => {
    expect(problemsOf('record-v1', statement())).toEqual([]);
  });

  test('of a record refuses what the product refuses', () => {
    const changed = statement();
    changed.predicate.record.needs[0].atom = 'a"b';
    expect(problemsOf('record-v1', changed)).toEqual([
      expect.stringMatching(/^\/predicate\/record\/needs\/0\/atom must match pattern/),
    ]);
    const cut = statement();
    delete cut.predicate.inputs.question.text;
    expect(problemsOf('record-v1', cut)).toEqual([
      "/predicate/inputs/question must have required property 'text'",
    ]);
  });

  test('of a policy takes the one of the documentation', () => {
    const documentation = readFileSync('docs/sharing.md', 'utf8');
    const policy = JSON.parse(/\n( {4}\{\n(?: {4}.*\n)+)/.exec(documentation)?.[1] ?? '');
    expect(problemsOf('trust-policy', policy)).toEqual([]);
    expect(problemsOf('trust-policy', { ...policy, level: 0 })).not.toEqual([]);
  });
});
