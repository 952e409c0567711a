/**
 * `node scripts/run.mjs schemas`: writes docs/schemas/ from the shapes that records and policies are read with. A test fails if they are out of
 * date.
 */
import { writeFileSync } from 'node:fs';
import { describeSchemas } from '../server/src/sharing/schemas.ts';

for (const [name, schema] of Object.entries(describeSchemas()))
  writeFileSync(`docs/schemas/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`);
