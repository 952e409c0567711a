/** Builds the parts of dist/. The tests use it too, so that they run what is shipped. */
import { chmod, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

export interface BundleOptions {
  /** Readable, with source maps. */
  readonly development: boolean;
}

function shared({ development }: BundleOptions): BuildOptions {
  return {
    bundle: true,
    platform: 'node',
    target: 'node20',
    // `module` is the ES module of a package, of which only the used parts are bundled.
    mainFields: ['module', 'main'],
    // Identifiers are not minified, so that stacks are readable. `keepNames` would restore names, but each time a function
    // is created, which takes a sixth of the time of checking a repository.
    minifyWhitespace: !development,
    minifySyntax: !development,
    sourcemap: development ? 'linked' : false,
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** CommonJS packages inside an ES module still call `require` for Node's own modules. */
const REQUIRE =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);";

/** `<folder>/client/extension.cjs`, which the editor's extension host loads. */
export async function bundleClient(folder: string, options: BundleOptions): Promise<void> {
  await build({
    ...shared(options),
    entryPoints: ['client/src/extension.ts'],
    outfile: join(folder, 'client/extension.cjs'),
    format: 'cjs',
    // The client does little work, so its size matters more than its speed.
    minifyIdentifiers: !options.development,
    keepNames: true,
    // The editor provides this module.
    external: ['vscode'],
  });
}

/** `<folder>/server/main.mjs`, the language server, with its worker. */
export async function bundleServer(folder: string, options: BundleOptions): Promise<void> {
  await build({
    ...shared(options),
    entryPoints: ['server/src/lsp/main.ts'],
    outfile: join(folder, 'server/main.mjs'),
    format: 'esm',
    banner: { js: REQUIRE },
  });
  await bundleWorker(folder, options);
}

/** `<folder>/cli/ebuild-audit.mjs`, the command line, with the files beside it that it loads when they are needed, and its worker. */
export async function bundleCommandLine(folder: string, options: BundleOptions): Promise<void> {
  const outfile = join(folder, 'cli/ebuild-audit.mjs');
  await build({
    ...shared(options),
    entryPoints: { 'ebuild-audit': 'server/src/cli/main.ts' },
    outdir: join(folder, 'cli'),
    outExtension: { '.js': '.mjs' },
    splitting: true,
    format: 'esm',
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  });
  await chmod(outfile, 0o755);
  await bundleWorker(folder, options);
}

/** `<folder>/set-up/main.mjs`, which `ebuild-audit set-up` runs. */
export async function bundleSetUp(folder: string, options: BundleOptions): Promise<void> {
  await build({
    ...shared(options),
    entryPoints: ['scripts/set-up.ts'],
    outfile: join(folder, 'set-up/main.mjs'),
    format: 'esm',
    banner: { js: REQUIRE },
  });
}

/** `<folder>/worker/reading-worker.mjs`, the thread of both that reads what builds have left. */
async function bundleWorker(folder: string, options: BundleOptions): Promise<void> {
  await build({
    ...shared(options),
    entryPoints: ['server/src/trial/reading/reading-worker.ts'],
    outfile: join(folder, 'worker/reading-worker.mjs'),
    format: 'esm',
    banner: { js: REQUIRE },
  });
}

/** `<folder>/wasm/`: the runtime of the parser and the grammar. */
export async function copyWasm(folder: string): Promise<void> {
  await mkdir(join(folder, 'wasm'), { recursive: true });
  await cp('node_modules/web-tree-sitter/web-tree-sitter.wasm', join(folder, 'wasm/web-tree-sitter.wasm'));
  await cp('grammars/tree-sitter-bash.wasm', join(folder, 'wasm/tree-sitter-bash.wasm'));
}

/** `<folder>/findings/`: the pages that `ebuild-audit explain` prints. */
export async function copyFindingPages(folder: string): Promise<void> {
  await cp('docs/findings', join(folder, 'findings'), { recursive: true });
}

/** `<folder>/schemas/`: the JSON schemas of the reports. */
export async function copySchemas(folder: string): Promise<void> {
  await cp('docs/schemas', join(folder, 'schemas'), { recursive: true });
}
