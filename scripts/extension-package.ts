import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createVSIX } from '@vscode/vsce';
import { buildHelperFor, type Processor, UNSHIPPED_SOURCES } from './native-helper.ts';

/** The platforms of VS Code for which there are packages, with their processors as Node calls them. */
const PROCESSORS = { 'linux-x64': 'x64', 'linux-arm64': 'arm64' } as const satisfies Record<
  string,
  Processor
>;
export type Target = keyof typeof PROCESSORS;

/** @throws an Error that names the platforms if there is no package for this one */
export function readTarget(name: string): Target {
  if (name in PROCESSORS) return name as Target;
  throw new Error(`There is no package for ${name}: write ${Object.keys(PROCESSORS).join(' or ')}`);
}

/**
 * Packs dist/ as an extension.
 *
 * @param target the platform; absent: a package for all of them, which compiles the helper where it has none
 * @returns the path of the package
 * @throws an Error that says what to install if the helper cannot be compiled
 */
export async function packExtension(target: Target | undefined): Promise<string> {
  const name = target === undefined ? 'ebuild-audit' : `ebuild-audit-${target}`;
  const packagePath = `out/${name}.vsix`;
  if (target !== undefined) await buildHelperFor('dist', PROCESSORS[target]);
  await createVSIX({
    packagePath,
    // Everything that the extension needs is in dist/.
    dependencies: false,
    // The README of the project is for its developers.
    readmePath: 'packaging/vscode/README.md',
    ignoreFile: writeIgnoreFile(name, target),
    ...(target === undefined ? {} : { target }),
  });
  return packagePath;
}

/** Writes what the package leaves out: all but what .vscodeignore and these lines name. Of two that match, vsce prefers the one with `!`. */
function writeIgnoreFile(name: string, target: Target | undefined): string {
  const helper = target === undefined ? process.arch : PROCESSORS[target];
  const sources = target === undefined ? listSources() : [];
  const path = `out/${name}.vscodeignore`;
  mkdirSync('out', { recursive: true });
  const kept = [`${helper}/**`, ...sources].map((part) => `!dist/native/${part}`);
  writeFileSync(path, [readFileSync('.vscodeignore', 'utf8').trimEnd(), ...kept, ''].join('\n'));
  return path;
}

/** What compiles the helper, without its tests. */
function listSources(): readonly string[] {
  return readdirSync('dist/native/source', { withFileTypes: true })
    .filter(({ name }) => !UNSHIPPED_SOURCES.includes(name))
    .map((entry) => `source/${entry.name}${entry.isDirectory() ? '/**' : ''}`);
}
