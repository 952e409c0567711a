import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { installedOnDebian } from '../scripts/set-up/system-packages.ts';
import type { Crate, Project, SourceArchive } from './project.ts';

/** The folder with apt's configuration of package sources. */
const APT = '/etc/apt';

/** The Debian packages that the projects need. */
export function listNeeds(projects: readonly Project[]): readonly string[] {
  return [...new Set(projects.flatMap(({ needs }) => needs))].sort();
}

/**
 * Installs the missing Debian packages that the projects need, if root runs it.
 *
 * @throws for other users, an Error with the command to run
 */
export function provideNeeds(projects: readonly Project[], uid: number): void {
  if (!existsSync('/var/lib/dpkg/status')) {
    throw new Error('The measure takes its sources from Debian or its kin: run it on such a machine.');
  }
  const installed = installedOnDebian(readFileSync('/var/lib/dpkg/status', 'utf8'));
  const missing = listNeeds(projects).filter((name) => !installed.has(name));
  if (missing.length === 0) return;
  const words = ['install', '-y', '--no-install-recommends', ...missing];
  if (uid !== 0) throw new Error(`Run: sudo apt-get update && sudo apt-get ${words.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', ['-q', ...words], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0)
    throw new Error(
      `apt-get could not install everything; run: apt-get update && apt-get ${words.join(' ')}`,
    );
}

/** Upstream's archives from Debian's packages, which are fetched once and kept. */
export interface Sources {
  /**
   * Puts the archives of the project into the distfiles.
   *
   * @throws an Error that says why it cannot be fetched
   */
  provide(project: Project): void;
}

/**
 * @param folder for the archives, and for apt's lists and a configuration of its own, so that the machine's is not changed
 * @param distfiles for the archives under their names in the ebuilds
 */
export function openSources(folder: string, distfiles: string): Sources {
  let isUpdated = false;
  const configuration = join(folder, 'apt/apt.conf');
  const apt = (words: readonly string[]) =>
    spawnSync('apt-get', ['-q', '-c', configuration, ...words], { cwd: folder, encoding: 'utf8' });
  const configure = () => {
    if (isUpdated) return;
    isUpdated = true;
    for (const name of ['sources.d', 'lists/partial', 'cache/archives/partial'])
      mkdirSync(join(folder, 'apt', name), { recursive: true });
    writeFileSync(join(folder, 'apt/sources.d/sources.list'), readSourceLines(APT, codename()));
    writeFileSync(
      configuration,
      [
        'Dir::Etc::sourcelist "/dev/null";',
        `Dir::Etc::sourceparts "${join(folder, 'apt/sources.d')}";`,
        `Dir::State::lists "${join(folder, 'apt/lists')}";`,
        `Dir::Cache "${join(folder, 'apt/cache')}";`,
        '',
      ].join('\n'),
    );
    if (!readdirSync(join(folder, 'apt/lists')).some((name) => name.includes('Sources'))) apt(['update']);
  };
  mkdirSync(distfiles, { recursive: true });
  mkdirSync(folder, { recursive: true });
  const provideArchive = (source: SourceArchive): void => {
    const archive = join(folder, source.archive);
    if (!existsSync(archive)) {
      configure();
      const { stderr } = apt(['source', '--download-only', '--tar-only', source.debian]);
      if (!existsSync(archive))
        throw new Error(
          `apt-get source ${source.debian} brought no ${source.archive}: ${reasonIn(stderr, 'it has another version')}`,
        );
    }
    const target = join(distfiles, source.distfile);
    if (existsSync(target)) return;
    rmSync(target, { force: true });
    linkSync(archive, target);
  };
  return {
    provide({ source, more = [] }) {
      for (const one of [...(source === undefined ? [] : [source]), ...more]) {
        if ('crate' in one) provideCrate(one, folder, distfiles);
        else provideArchive(one);
      }
    },
  };
}

/** Packs a crate as crates.io has it, from the files of the binary package. */
function provideCrate({ package: name, crate }: Crate, folder: string, distfiles: string): void {
  const target = join(distfiles, `${crate}.crate`);
  if (existsSync(target)) return;
  const work = mkdtempSync(join(folder, 'crate-'));
  const run = (program: string, words: readonly string[]) =>
    spawnSync(program, words, { cwd: work, encoding: 'utf8' });
  try {
    const { stderr } = run('apt-get', ['-q', 'download', name]);
    const [file] = readdirSync(work);
    if (file === undefined)
      throw new Error(`apt-get download ${name} brought nothing: ${reasonIn(stderr, 'it gave no reason')}`);
    run('dpkg-deb', ['-x', file, 'files']);
    const registry = 'files/usr/share/cargo/registry';
    if (run('tar', ['-czf', 'crate', '-C', registry, crate]).status !== 0)
      throw new Error(`${file} has no ${crate}.`);
    copyFileSync(join(work, 'crate'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The first error of apt. */
function reasonIn(stderr: string, otherwise: string): string {
  const line = stderr.split('\n').find((one) => one.startsWith('E: '));
  return line?.slice(3) ?? otherwise;
}

/**
 * The machine's package sources of a release, as one-line entries for source packages (sources.list(5)).
 *
 * @param folder the folder of apt's configuration
 * @param release the code name of the release, e.g. `bookworm`; other entries, such as a vendor's, have no source packages
 */
export function readSourceLines(folder: string, release: string): string {
  const parts = join(folder, 'sources.list.d');
  const files = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  const texts = [join(folder, 'sources.list'), ...files]
    .filter((file) => existsSync(file))
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }));
  return texts
    .flatMap(({ file, text }) => (file.endsWith('.sources') ? readStanzas(text) : readLines(text)))
    .filter((line) => line.split(' ').some((word) => word === release || word.startsWith(`${release}-`)))
    .map((line) => `${line}\n`)
    .join('');
}

function codename(): string {
  return /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}

function readLines(text: string): string[] {
  return [...text.matchAll(/^deb(?:-src)?\s+(.*)$/gm)].map(([, rest]) => `deb-src ${rest}`);
}

/** Reads entries in the format of deb822(5). A stanza may name several archives and suites. */
function readStanzas(text: string): string[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) =>
      (new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(stanza)?.[1] ?? '').split(/\s+/).filter((word) => word);
    const key = field('Signed-By')[0];
    const options = key?.startsWith('/') ? `[signed-by=${key}] ` : '';
    return field('URIs').flatMap((uri) =>
      field('Suites').map((suite) => `deb-src ${options}${uri} ${suite} ${field('Components').join(' ')}`),
    );
  });
}
