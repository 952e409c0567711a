import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { posix } from 'node:path';
import type { DebianPackage, Machine } from './dpkg.ts';

/** Something that is in the practice root: a package has installed it, or it belongs to what packages have installed. */
export interface InstalledPath {
  /** As CONTENTS spells it: symbolic links among the parents are resolved, the last component is not. */
  readonly path: string;
  readonly kind: 'obj' | 'sym' | 'dir';
  /** MD5 in hexadecimal, for `obj`. */
  readonly digest?: string;
  /** What the link says, for `sym`. */
  readonly target?: string;
  /** Seconds since 1970. */
  readonly modified: number;
  /** Where the machine has it, for `obj`. */
  readonly source?: string;
  /** Permission bits. */
  readonly mode: number;
}

/** What no build reads; some machines have none of it, because dpkg was told to leave it out. */
const UNREAD = /^\/usr\/share\/(?:doc|doc-base|info|lintian|locale|man)\/./;

/** Of /etc what is about running the machine. */
const ADMINISTRATION =
  /^\/etc\/(?:apt|cron\.\w+|default|init\.d|logrotate\.d|pam\.d|portage|profile\.d|security|ssh|sudoers|systemd)(?:\/|$)/;

/** Reads what dpkg has recorded of some packages, and the files themselves. Other packages of the machine make no difference. */
export class InstalledFiles {
  /** The links at the top of a merged-usr machine, e.g. `/bin` → `usr/bin`. */
  readonly topLinks: ReadonlyMap<string, string>;
  readonly #machine: string;
  readonly #byPackage = new Map<DebianPackage, readonly InstalledPath[]>();
  readonly #links = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  /** @param tops the names at the top whose files are read, of those that the packages have */
  constructor(machine: Machine, packages: readonly DebianPackage[], tops: RegExp) {
    this.#machine = machine.path;
    const info = `${machine.dpkg}/info`;
    const names = new Set(readdirSync(info));
    const diversions = readDiversions(`${machine.dpkg}/diversions`);
    const members = new Set(packages.map(({ name }) => name));
    const listed = packages.map((debian) => {
      const stem = [`${debian.name}:${debian.architecture}`, debian.name].find((name) =>
        names.has(`${name}.list`),
      );
      const paths = stem === undefined ? [] : readFileSync(`${info}/${stem}.list`, 'utf8').split('\n');
      const digests = names.has(`${stem}.md5sums`) ? readDigests(`${info}/${stem}.md5sums`) : undefined;
      return { debian, digests, paths: paths.filter((path) => tops.test(path.split('/', 2)[1] ?? '')) };
    });
    this.topLinks = this.#readTopLinks(listed.flatMap(({ paths }) => paths));
    for (const [path, target] of this.topLinks) this.#links.set(path, target);
    const found = listed.map(({ debian, digests, paths }) => {
      const entries = paths.flatMap((path) => {
        const diversion = diversions.get(path);
        const isDiverted = diversion !== undefined && diversion.by !== debian.name;
        // What a package outside has moved out of its way is put back.
        const name = isDiverted && members.has(diversion.by) ? diversion.to : path;
        const digest = digests?.get(path) ?? debian.configurationFiles.get(path);
        return this.#read(name, isDiverted ? diversion.to : path, debian, digest) ?? [];
      });
      return [debian, entries] as const;
    });
    for (const [debian, entries] of found) {
      const canonical = entries.map((entry) => ({ ...entry, path: this.canonical(entry.path) }));
      this.#byPackage.set(
        debian,
        canonical.filter(({ path }) => !this.topLinks.has(path) && !UNREAD.test(path)),
      );
    }
  }

  /** The paths of a package that are there and that everybody may read. */
  of(debian: DebianPackage): readonly InstalledPath[] {
    return this.#byPackage.get(debian) ?? [];
  }

  /** On merged-usr machines dpkg says /lib/x where a trace says /usr/lib/x: only the parents are resolved, by the packages' own links. */
  canonical(path: string): string {
    return posix.join(this.#resolveFolder(posix.dirname(path), 0), posix.basename(path));
  }

  #resolveFolder(folder: string, depth: number): string {
    if (folder === '/' || depth > 40) return folder;
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const here = posix.join(this.#resolveFolder(posix.dirname(folder), depth), posix.basename(folder));
    const target = this.#links.get(here);
    const resolved =
      target === undefined
        ? here
        : this.#resolveFolder(posix.resolve(posix.dirname(here), target), depth + 1);
    this.#folders.set(folder, resolved);
    return resolved;
  }

  #readTopLinks(paths: readonly string[]): Map<string, string> {
    const tops = new Set(paths.map((path) => `/${path.split('/', 2)[1]}`));
    const links = new Map<string, string>();
    for (const top of [...tops].sort()) {
      if (lookUp(this.#machine + top)?.isSymbolicLink()) links.set(top, readlinkSync(this.#machine + top));
    }
    return links;
  }

  /** What is at `place` of the machine, under the name that it has in the root. */
  #read(
    path: string,
    place: string,
    debian: DebianPackage,
    digest = ''.padStart(32, '0'),
  ): InstalledPath | undefined {
    if (ADMINISTRATION.test(path)) return undefined;
    const source = this.#machine + place;
    const status = lookUp(source);
    if (status === undefined) return undefined;
    const entry = {
      path,
      modified: Math.floor(status.mtimeMs / 1000),
      mode: status.mode & 0o777,
    };
    if (status.isSymbolicLink()) {
      const target = readlinkSync(source);
      if (!this.topLinks.has(path)) this.#links.set(this.canonical(path), target);
      return { ...entry, kind: 'sym', target, mode: 0o777 };
    }
    // What is closed to others would be there for root alone.
    if (status.isDirectory()) return { ...entry, kind: 'dir', mode: 0o755 };
    if (!status.isFile() || (status.mode & 0o004) === 0) return undefined;
    const shipped = debian.configurationFiles.get(path);
    if (shipped !== undefined && shipped !== md5(source)) return undefined;
    return { ...entry, kind: 'obj', digest, source };
  }
}

function md5(file: string): string {
  return createHash('md5').update(readFileSync(file)).digest('hex');
}

function readDiversions(file: string): Map<string, { to: string; by: string }> {
  const diversions = new Map<string, { to: string; by: string }>();
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    return diversions;
  }
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from, to, by] = lines.slice(at, at + 3);
    if (from && to && by) diversions.set(from, { to, by });
  }
  return diversions;
}

function readDigests(file: string): Map<string, string> {
  const digests = new Map<string, string>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const match = /^([0-9a-f]{32}) {2}(.+)$/.exec(line);
    if (match?.[1] && match[2]) digests.set(`/${match[2]}`, match[1]);
  }
  return digests;
}

/** Undefined for what is not there, and for what an ordinary user may not see. */
function lookUp(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
