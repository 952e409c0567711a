/**
 * `npm run fuzz [-- --inputs N] [--seed N] [NAME…]`: runs every parser on N inputs altogether (100,000 where not said), shared
 * evenly, and prints a table. With names only those parsers run.
 */
import { parseArgs } from 'node:util';
import { fuzz, SLOWEST } from './fuzz.ts';
import { TARGETS } from './targets.ts';

const { values, positionals } = parseArgs({
  options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const targets = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (targets.length === 0) {
  console.error(`There is no such parser; there are ${TARGETS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const inputs = Math.ceil(Number(values.inputs) / targets.length);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
console.log(`seed ${seed}, ${inputs} inputs for each of ${targets.length} parsers`);
let failed = 0;
for (const target of targets) {
  try {
    const { slowest, growth } = fuzz(target, inputs, seed, SLOWEST);
    const grown = `${(growth / 2 ** 20).toFixed(0)} MiB`;
    console.log(`${target.name.padEnd(28)} slowest ${slowest.toFixed(1).padStart(6)} ms, grew by ${grown}`);
  } catch (error) {
    failed++;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `\n${cause.message}` : '';
    console.log(`${target.name.padEnd(28)} FAILED: ${message}${reason}`);
  }
}
console.log(`${inputs * targets.length} inputs, ${failed} parsers failed`);
process.exitCode = failed === 0 ? 0 : 1;
