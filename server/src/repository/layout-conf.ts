/** The settings in `metadata/layout.conf` of a repository (portage(5)) that are needed here. */
export interface LayoutConf {
  readonly repositoryName: string | undefined;
  /** The last is asked first. Undefined if the file does not say. */
  readonly masters: readonly string[] | undefined;
  readonly aliases: readonly string[];
  readonly profileFormats: readonly string[];
  readonly cacheFormats: readonly string[];
}

/** Reads `metadata/layout.conf`: `key = value` lines and `#` comments. Total. */
export function parseLayoutConf(text: string): LayoutConf {
  const settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^\s*([\w-]+)\s*=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) settings.set(key, value.trim());
  }
  const words = (key: string): string[] | undefined =>
    settings
      .get(key)
      ?.split(/\s+/)
      .filter((word) => word !== '');
  return {
    repositoryName: settings.get('repo-name') || undefined,
    masters: words('masters'),
    aliases: words('aliases') ?? [],
    profileFormats: words('profile-formats') ?? [],
    cacheFormats: words('cache-formats') ?? [],
  };
}
