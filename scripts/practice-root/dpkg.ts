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
  /** Depends and Pre-Depends: of each dependency the names that satisfy it, the one that Debian prefers first. */
  readonly dependsOn: readonly (readonly string[])[];
  /** Names that it may be depended on by besides its own. */
  readonly provides: readonly string[];
  /** Whether Debian has it on every machine, so that nothing names it in Depends. */
  readonly essential: boolean;
  /** The stanza without what says how it came to be on this machine. */
  readonly stanza: string;
  /** MD5 of the configuration files as they were shipped. */
  readonly configurationFiles: ReadonlyMap<string, string>;
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
      dependsOn: ['Depends', 'Pre-Depends'].flatMap((field) => readNames(fields.get(field) ?? '')),
      provides: readNames(fields.get('Provides') ?? '').flat(),
      essential: fields.get('Essential') === 'yes',
      stanza: stanza.replace(/^Status: .*\n/m, ''),
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

/** The names of a field of relations (deb-control(5)): a list of alternatives for each, without versions and architectures. */
function readNames(relations: string): string[][] {
  return relations
    .split(',')
    .map((relation) => relation.split('|').map((name) => name.trim().split(/[ :(]/)[0] ?? ''))
    .filter(([name]) => name !== '');
}

/** What Debian calls the machine's own architecture. */
export function nativeArchitecture(packages: readonly DebianPackage[]): string {
  const found = packages.find(({ name }) => name === 'dpkg') ?? packages.find(({ name }) => name === 'libc6');
  return found?.architecture ?? '';
}

/** A machine whose packages dpkg has installed. */
export interface Machine {
  /** Where its file system is seen; the empty string for `/`. */
  readonly path: string;
  /** dpkg's database. */
  readonly dpkg: string;
}

export function machineAt(path: string): Machine {
  return { path, dpkg: `${path}/var/lib/dpkg` };
}
