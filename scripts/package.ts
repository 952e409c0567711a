/**
 * `node scripts/run.mjs package [--target linux-x64] [--target linux-arm64]`, after build: packages dist/ as an extension, and as an npm package.
 *
 * - Without a target: out/ebuild-audit.vsix, which compiles the native helper on machines that are not like this one, and the npm package.
 * - `--target NAME`: out/ebuild-audit-NAME.vsix, with the helper for that platform and without its sources.
 */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { packExtension, readTarget } from './extension-package.ts';
import { packNpm } from './npm-package.ts';

const { values } = parseArgs({ options: { target: { type: 'string', multiple: true, default: [] } } });
if (!existsSync('dist/client/extension.cjs')) throw new Error('dist/ is missing: run npm run build first');
const targets = values.target.map(readTarget);
const made =
  targets.length === 0
    ? [await packExtension(undefined), packNpm()]
    : await Promise.all(targets.map(packExtension));
for (const path of made) console.log(`${Math.ceil((await stat(path)).size / 1024)} KiB  ${path}`);
