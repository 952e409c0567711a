/** What `metadata/layout.conf` says of a repository (portage(5)), as far as it matters here. */
export interface LayoutConf {
  readonly repositoryName: string | undefined;
  /** From the one that is asked last to the one that is asked first. Undefined where the file does not say. */
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
