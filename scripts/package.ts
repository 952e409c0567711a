/** `node scripts/run.mjs package`, after build: packages dist/ as an extension, out/ebuild-audit.vsix, and as an npm package. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createVSIX } from '@vscode/vsce';
import { packNpm } from './npm-package.ts';

const packagePath = 'out/ebuild-audit.vsix';

if (!existsSync('dist/client/extension.cjs')) throw new Error('dist/ is missing: run npm run build first');
await createVSIX({
  packagePath,
  // Everything that the extension needs is in dist/.
  dependencies: false,
  // The README of the project is for its developers.
  readmePath: 'packaging/vscode/README.md',
});
for (const path of [packagePath, packNpm()])
  console.log(`${Math.ceil((await stat(path)).size / 1024)} KiB  ${path}`);
