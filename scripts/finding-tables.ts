/**
 * `node scripts/run.mjs finding-tables [--check]`: writes the tables of findings in README.md from docs/findings/. With
 * `--check`, it writes nothing and ends with 1 if README.md is out of date. It also ends with 1 if a code has no page or a
 * page has no code.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { comparePages, readPages, writeTables } from './readme-tables.ts';

const isCheck = process.argv.includes('--check');
const pages = readPages('docs/findings');
const problems = comparePages(pages);
const readme = readFileSync('README.md', 'utf8');
const current = writeTables(readme, pages);
if (current !== readme) {
  if (isCheck) problems.push('README.md is out of date: run "node scripts/run.mjs finding-tables".');
  else writeFileSync('README.md', current);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
