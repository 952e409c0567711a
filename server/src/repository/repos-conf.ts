/** One section of a `repos.conf` (portage(5)). */
export interface ConfiguredRepository {
  readonly name: string;
  /** As written; relative to the root that has the file. */
  readonly location: string;
  /** Undefined if layout.conf decides. */
  readonly masters: readonly string[] | undefined;
  /** Names under which other repositories know it. */
  readonly aliases: readonly string[];
}

/** The settings of all files of `repos.conf`. */
export interface ReposConf {
  readonly mainRepository: string | undefined;
  readonly repositories: readonly ConfiguredRepository[];
}

/**
 * Reads `repos.conf` (portage(5)): sections, `key = value` or `key: value`, and comments that begin with `#` or `;`.
 * Later settings replace earlier ones. Total: lines of another form are skipped.
 *
 * @param text the files of a folder, joined in the order of their names
 */
export function parseReposConf(text: string): ReposConf {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const head = /^\[([^[\]]+)\]$/.exec(line)?.[1]?.trim();
    if (head !== undefined) {
      section = sections.get(head) ?? new Map();
      sections.set(head, section);
      continue;
    }
    const separator = line.search(/[=:]/);
    if (separator > 0)
      section?.set(line.slice(0, separator).trim().toLowerCase(), line.slice(separator + 1).trim());
  }
  const defaults = sections.get('DEFAULT');
  sections.delete('DEFAULT');
  const repositories: ConfiguredRepository[] = [];
  for (const [name, settings] of sections) {
    const words = (key: string): string[] | undefined =>
      (settings.get(key) ?? defaults?.get(key))?.split(/\s+/).filter((word) => word !== '');
    const location = settings.get('location')?.replace(/([^/])\/+$/, '$1');
    if (!location?.startsWith('/')) continue;
    repositories.push({ name, location, masters: words('masters'), aliases: words('aliases') ?? [] });
  }
  return { mainRepository: defaults?.get('main-repo'), repositories };
}

/** The locations of all repositories that a `repos.conf` names (portage(5)), each once. */
export function readRepositoryLocations(reposConf: string): string[] {
  return [...new Set(parseReposConf(reposConf).repositories.map(({ location }) => location))];
}
