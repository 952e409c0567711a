import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeSchemas } from '../../server/src/sharing/schemas.ts';
import { makePayload } from './made-records.ts';
import { RICH } from './rich-record.ts';
import { findViolation } from './schema-check.ts';

const read = (name: string) => JSON.parse(readFileSync(`docs/schemas/${name}.schema.json`, 'utf8'));

describe.each(Object.entries(describeSchemas()))('the schema %s', (name, schema) => {
  test('is published as the product reads it ("node scripts/run.mjs schemas" writes it)', () => {
    expect(read(name)).toEqual(JSON.parse(JSON.stringify(schema)));
  });
});

describe('the published schema', () => {
  const statement = () => JSON.parse(makePayload(RICH).toString());
  test('of a record takes an exported one in which every key has a value', () => {
    expect(findViolation(read('record-v1'), statement())).toBeUndefined();
  });

  test('of a record refuses what the product refuses', () => {
    const changed = statement();
    changed.predicate.record.needs[0].atom = 'a"b';
    expect(findViolation(read('record-v1'), changed)).toBe(
      '.predicate.record.needs[0].atom has another pattern',
    );
    const cut = statement();
    delete cut.predicate.inputs.question.text;
    expect(findViolation(read('record-v1'), cut)).toBe('.predicate.inputs.question.text is missing');
  });

  test('of a policy takes the one of the documentation', () => {
    const example =
      /\n((?: {4}.*\n)*? {4}\{ ?\n(?: {4}.*\n)+)/.exec(readFileSync('docs/sharing.md', 'utf8'))?.[1] ?? '';
    const policy = JSON.parse(example);
    expect(findViolation(read('trust-policy'), policy)).toBeUndefined();
    expect(findViolation(read('trust-policy'), { ...policy, level: 0 })).toBe('.level fits no form');
  });
});
