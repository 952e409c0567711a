import { POLICY } from './policy.ts';
import { INPUT_PARTS } from './portable-inputs.ts';
import { RECORD_PARTS } from './record-shape.ts';
import { describeSchema, type Schema } from './shape.ts';
import { STATEMENT } from './statement.ts';

const HEAD = { $schema: 'https://json-schema.org/draft/2020-12/schema' };

/** The published schemas, by their names in docs/schemas. */
export function describeSchemas(): Readonly<Record<string, Schema>> {
  return {
    'record-v1': describeSchema(
      STATEMENT,
      { ...RECORD_PARTS, ...INPUT_PARTS },
      { ...HEAD, title: 'The record of a trial as an in-toto statement, see docs/sharing.md' },
    ),
    'trust-policy': describeSchema(
      POLICY,
      {},
      { ...HEAD, title: 'Whose records are taken in place of trials, see docs/sharing.md' },
    ),
  };
}
