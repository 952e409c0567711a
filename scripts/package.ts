/** `node scripts/run.mjs package`, after build: packages dist/ and the manifest as out/ebuild-audit.vsix. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createVSIX } from '@vscode/vsce';

const packagePath = 'out/ebuild-audit.vsix';

if (!existsSync('dist/client/extension.cjs')) throw new Error('dist/ is missing: run npm run build first');
await createVSIX({
  packagePath,
  // Everything that the extension needs is in dist/.
  dependencies: false,
  // The README of the project is for its developers.
  readmePath: 'packaging/vscode/README.md',
});
console.log(`${Math.ceil((await stat(packagePath)).size / 1024)} KiB  ${packagePath}`);
