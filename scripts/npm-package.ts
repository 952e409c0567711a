import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UNSHIPPED_SOURCES } from './native-helper.ts';

/** What the command line and the language server need of dist/. The helper is compiled from its source, on the machine that runs it. */
const PARTS = ['cli', 'server', 'worker', 'set-up', 'findings', 'schemas', 'wasm', 'native/source'];
const FOLDER = 'out/npm';

/**
 * Packs the command line and the language server as an npm package whose bin is `ebuild-audit`. The manifest of the project is that of the
 * extension, so this one is made from it.
 *
 * @returns the path of the package
 */
export function packNpm(): string {
  const { name, version, description, license, repository, homepage, bugs, keywords, engines } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  );
  const manifest = {
    name,
    version,
    description,
    license,
    repository,
    homepage,
    bugs,
    keywords,
    type: 'module',
    bin: { [name]: 'dist/cli/ebuild-audit.mjs' },
    files: ['dist'],
    engines: { node: engines.node },
    os: ['linux'],
  };
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const part of PARTS) cpSync(join('dist', part), join(FOLDER, 'dist', part), { recursive: true });
  for (const unshipped of UNSHIPPED_SOURCES)
    rmSync(join(FOLDER, 'dist/native/source', unshipped), { recursive: true, force: true });
  cpSync('LICENSE', join(FOLDER, 'LICENSE'));
  cpSync('packaging/npm/README.md', join(FOLDER, 'README.md'));
  writeFileSync(join(FOLDER, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', '..'], {
    cwd: FOLDER,
    encoding: 'utf8',
  });
  return join('out', basename(packed.trim()));
}
