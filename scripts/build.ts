/**
 * `node scripts/run.mjs build [--development]`: builds dist/ (the bundles, the WebAssembly modules and the native helper).
 * It prints the size of each file, so that a dependency that bloats a bundle is noticed.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bundleClient,
  bundleCommandLine,
  bundleServer,
  bundleSetUp,
  copyFindingPages,
  copySchemas,
  copyWasm,
} from './bundle.ts';
import { buildNativeHelper } from './native-helper.ts';

const folder = 'dist';
const options = { development: process.argv.includes('--development') };

await rm(folder, { recursive: true, force: true });
try {
  await Promise.all([
    bundleClient(folder, options),
    bundleServer(folder, options),
    bundleCommandLine(folder, options),
    bundleSetUp(folder, options),
    copyWasm(folder),
    copyFindingPages(folder),
    copySchemas(folder),
    buildNativeHelper(folder),
  ]);
  await printSizes();
} catch (error) {
  // The messages of esbuild and the compiler are on the terminal already.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function printSizes(): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.filter((path) => !path.includes('native/source')).sort()) {
    const { size } = await stat(file);
    console.log(`${String(Math.ceil(size / 1024)).padStart(6)} KiB  ${file}`);
  }
}
