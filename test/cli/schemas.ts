/** The published schemas of our JSON reports. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const NAMES = ['finding', 'review', 'trial', 'check', 'doctor', 'sweep'] as const;

export function readSchema(name: (typeof NAMES)[number]): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(`docs/schemas/${name}.schema.json`, 'utf8'));
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
for (const name of NAMES) ajv.addSchema(readSchema(name));

/** What a schema says against a report; empty if it is valid. */
export function validate(
  name: Exclude<(typeof NAMES)[number], 'finding'>,
  report: unknown,
): readonly string[] {
  const check = ajv.getSchema(`${readSchema(name).$id}`);
  if (check === undefined) throw new Error(`There is no schema ${name}.`);
  check(report);
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
