/** Repositories that tests write, and the packages that their ebuilds may depend on. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { splitPackageName } from '../../server/src/installed/vdb.ts';
import { parseAtom } from '../../server/src/pms/atom.ts';
import { root } from './world.ts';

export type EbuildFiles = Readonly<Record<string, string | Uint8Array>>;

/**
 * Writes `files` (path below the repository → content) into a repository whose category is dev-test.
 *
 * @param absent packages that the test is about because they are not installed
 * @throws Error if an ebuild names a package that is neither installed nor `absent`; nothing is written then
 */
export function writeRepository(
  repository: string,
  files: EbuildFiles,
  absent: readonly string[] = [],
): void {
  const profile = {
    'profiles/repo_name': `${basename(repository)}\n`,
    'profiles/categories': 'dev-test\n',
    'metadata/layout.conf': 'masters = gentoo\nthin-manifests = true\ncache-formats =\n',
  };
  writeEbuildFiles(repository, { ...profile, ...files }, absent);
}

/** Writes ebuilds like {@link writeRepository}, without the files that make a folder a repository. */
export function writeEbuildFiles(folder: string, files: EbuildFiles, absent: readonly string[] = []): void {
  for (const [path, content] of Object.entries(files)) {
    if (path.endsWith('.ebuild') && typeof content === 'string') requireInstalled(content, absent);
  }
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    // Only programs are bytes and not text.
    writeFileSync(file, content, { mode: typeof content === 'string' ? 0o644 : 0o755 });
  }
}

/** The guard of {@link writeEbuildFiles}, for a folder of ebuilds that is copied. */
export function requireInstalledFor(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ebuild')) requireInstalled(readFileSync(join(folder, name), 'utf8'), []);
  }
}

/**
 * Throws an Error that says what to do if an ebuild depends on a package that the set-up does not install: a test of
 * it would only pass on machines on which somebody has installed the package.
 *
 * @param installed category/name of the installed packages; absent: those of the root that trials use
 */
export function requireInstalled(
  text: string,
  absent: readonly string[],
  installed: ReadonlySet<string> | undefined = installedPackages(),
): void {
  const strangers = listPackages(text).filter((name) => !installed?.has(name) && !absent.includes(name));
  if (strangers.length === 0 || installed === undefined) return;
  const [names, does] = [strangers.join(' and '), 'which set-up does not install'];
  throw new Error(
    `This test names ${names}, ${does}: add its Debian package to scripts/set-up/system-packages.ts.`,
  );
}

/** category/name of every atom in a dependency variable; values that only bash can expand are not read. */
function listPackages(text: string): string[] {
  const values = [...text.matchAll(/^\s*\w*DEPEND\+?=(?:"([^"]*)"|'([^']*)'|(\S*))/gm)];
  const names = values.flatMap(([, double, single, bare]) =>
    (double ?? single ?? bare ?? '').split(/\s+/).flatMap((word) => {
      const atom = /[/]/.test(word) && !/[$`\\]/.test(word) ? parseAtom(word).atom : undefined;
      return atom === undefined || atom.blocker !== '' ? [] : [`${atom.category}/${atom.name}`];
    }),
  );
  return [...new Set(names)];
}

let known: ReadonlySet<string> | undefined;

/**
 * The packages in the root that trials use; undefined if the set-up has not made one, which the tests that need it
 * report.
 */
function installedPackages(): ReadonlySet<string> | undefined {
  const vdb = join(root, 'var/db/pkg');
  if (known !== undefined || !existsSync(vdb)) return known;
  known = new Set(
    readdirSync(vdb).flatMap((category) =>
      readdirSync(join(vdb, category)).flatMap((name) => {
        const split = splitPackageName(name);
        return split === undefined ? [] : [`${category}/${split.name}`];
      }),
    ),
  );
  return known;
}
