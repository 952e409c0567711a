import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** One installed Debian package, as its stanza of dpkg's status file has it (deb-control(5)). */
export interface DebianPackage {
  readonly name: string;
  /** The source package that it was built from. */
  readonly source: string;
  readonly architecture: string;
  readonly version: string;
  /** In KiB. */
  readonly installedSize: number;
  readonly summary: string;
  /** Names in Depends and Pre-Depends, the first of each alternative. */
  readonly dependsOn: readonly string[];
  /** MD5 of the configuration files as they were shipped. */
  readonly configurationFiles: ReadonlyMap<string, string>;
}

/** A path that a package installed, as it is on the machine now. */
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
}

/** Reads the stanzas of a dpkg status file and keeps the packages that are installed. */
export function parseStatus(text: string): DebianPackage[] {
  const packages: DebianPackage[] = [];
  for (const stanza of text.split(/\n\n+/)) {
    const fields = parseFields(stanza);
    if (!fields.get('Status')?.endsWith(' installed')) continue;
    const name = fields.get('Package');
    if (name === undefined) continue;
    packages.push({
      name,
      // With its version in brackets where that is another one.
      source: fields.get('Source')?.split(' ')[0] || name,
      architecture: fields.get('Architecture') ?? '',
      version: fields.get('Version') ?? '0',
      installedSize: Number(fields.get('Installed-Size') ?? 0),
      summary: (fields.get('Description') ?? '').split('\n')[0] ?? '',
      dependsOn: ['Depends', 'Pre-Depends'].flatMap((field) => firstAlternatives(fields.get(field) ?? '')),
      configurationFiles: new Map(
        (fields.get('Conffiles') ?? '').split('\n').flatMap((line) => {
          const [path, digest] = line.trim().split(/\s+/);
          return path && digest ? [[path, digest] as const] : [];
        }),
      ),
    });
  }
  return packages;
}

function parseFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of stanza.split('\n')) {
    if (/^[ \t]/.test(line)) {
      fields.set(last, `${fields.get(last) ?? ''}\n${line}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    last = line.slice(0, colon);
    fields.set(last, line.slice(colon + 1).trim());
  }
  return fields;
}

function firstAlternatives(dependencies: string): string[] {
  return dependencies
    .split(',')
    .map((dependency) => dependency.trim().split(/[ |:(]/)[0] ?? '')
    .filter((name) => name !== '');
}

/** Reads dpkg's database and the files that it names. */
export class DpkgDatabase {
  readonly packages: readonly DebianPackage[];
  readonly #machine: string;
  readonly #diversions: ReadonlyMap<string, { readonly to: string; readonly by: string }>;
  readonly #files: ReadonlySet<string>;
  readonly #parents = new Map<string, string>();

  /**
   * @param machine the folder that the machine's file system is seen in; the empty string for `/`.
   * Throws when the status file cannot be read.
   */
  constructor(machine: string) {
    this.#machine = machine;
    this.packages = parseStatus(readFileSync(statusFile(machine), 'utf8'));
    this.#diversions = readDiversions(`${machine}/var/lib/dpkg/diversions`);
    this.#files = new Set(readdirSync(`${machine}/var/lib/dpkg/info`));
  }

  /** The paths of a package that are still there. Paths whose top folder is not in `tops` are left out. */
  installedPaths(debian: DebianPackage, tops: ReadonlySet<string>): InstalledPath[] {
    const stem = [`${debian.name}:${debian.architecture}`, debian.name].find((name) =>
      this.#files.has(`${name}.list`),
    );
    if (stem === undefined) return [];
    const info = `${this.#machine}/var/lib/dpkg/info/${stem}`;
    const digests = this.#files.has(`${stem}.md5sums`)
      ? readDigests(`${info}.md5sums`)
      : new Map<string, string>();
    const paths: InstalledPath[] = [];
    for (const listed of readFileSync(`${info}.list`, 'utf8').split('\n')) {
      if (!tops.has(listed.split('/', 2)[1] ?? '')) continue;
      const diversion = this.#diversions.get(listed);
      const real = diversion !== undefined && diversion.by !== debian.name ? diversion.to : listed;
      const found = this.pathAt(real, digests.get(listed) ?? debian.configurationFiles.get(listed));
      // The links at the top of a merged-usr machine are everybody's, and so nobody's.
      if (found !== undefined && !(found.kind === 'sym' && dirname(found.path) === '/')) paths.push(found);
    }
    return paths;
  }

  /** What is at a path now; undefined where there is nothing that CONTENTS knows. */
  pathAt(path: string, digest = ''.padStart(32, '0')): InstalledPath | undefined {
    const status = lookUp(this.#machine + path);
    if (status === undefined) return undefined;
    const entry = { path: this.#canonical(path), modified: Math.floor(status.mtimeMs / 1000) };
    if (status.isDirectory()) return { ...entry, kind: 'dir' };
    if (status.isSymbolicLink()) return { ...entry, kind: 'sym', target: readlinkSync(this.#machine + path) };
    return status.isFile() ? { ...entry, kind: 'obj', digest } : undefined;
  }

  /** On merged-usr machines dpkg says /lib/x where a trace says /usr/lib/x: only the parents are resolved. */
  #canonical(path: string): string {
    const folder = dirname(path);
    let resolved = this.#parents.get(folder);
    if (resolved === undefined) {
      try {
        resolved = realpathSync(this.#machine + folder).slice(this.#machine.length) || '/';
      } catch {
        resolved = folder;
      }
      this.#parents.set(folder, resolved);
    }
    return join(resolved, basename(path));
  }
}

/** Where dpkg keeps its list of installed packages. */
export function statusFile(machine: string): string {
  return `${machine}/var/lib/dpkg/status`;
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
