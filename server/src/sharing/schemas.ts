import { POLICY } from './policy.ts';
import { INPUT_PARTS } from './portable-inputs.ts';
import { RECORD_PARTS } from './record-shape.ts';
import { describeSchema, type Schema } from './shape.ts';
import { STATEMENT } from './statement.ts';

const head = (name: string, title: string): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `https://github.com/ebuild-audit/ebuild-audit/raw/main/docs/schemas/${name}.schema.json`,
  title,
});

/** The published schemas, by their names in docs/schemas. */
export function describeSchemas(): Readonly<Record<string, Schema>> {
  return {
    'record-v1': describeSchema(
      STATEMENT,
      { ...RECORD_PARTS, ...INPUT_PARTS },
      head('record-v1', 'The record of a trial as an in-toto statement, see docs/sharing.md'),
    ),
    'trust-policy': describeSchema(
      POLICY,
      {},
      head('trust-policy', 'Whose records are taken in place of trials, see docs/sharing.md'),
    ),
  };
}
