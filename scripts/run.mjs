// Runs scripts/NAME.ts: Node 20 cannot strip types, so esbuild bundles the script first. Usage: node scripts/run.mjs NAME [ARG...]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const [name, ...args] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));
const outfile = `${here}../out/scripts/${name}.mjs`;
await build({
  entryPoints: [`${here}${name}.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
const { status, signal } = spawnSync(process.execPath, [outfile, ...args], {
  stdio: 'inherit',
  cwd: `${here}..`,
});
process.exitCode = signal ? 1 : (status ?? 1);
