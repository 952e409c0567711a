/**
 * Reads `use.desc` (PMS 4.4.2) or a file of `profiles/desc` (PMS 4.4.3): `flag - description`. Total.
 *
 * @param prefix put before every name: `python_targets_` for `desc/python_targets.desc`
 */
export function parseFlagDescriptions(text: string, prefix = ''): ReadonlyMap<string, string> {
  const descriptions = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, description] = splitDescription(line);
    if (name !== undefined && !/\s/.test(name)) descriptions.set(prefix + name, description);
  }
  return descriptions;
}

/** Reads `use.local.desc` (PMS 4.4.2): `category/name:flag - description`. Total. Keys are `category/name:flag`. */
export function parseLocalFlagDescriptions(text: string): ReadonlyMap<string, string> {
  const descriptions = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [key, description] = splitDescription(line);
    if (key !== undefined && /^[^\s/:]+\/[^\s/:]+:[^\s:]+$/.test(key)) descriptions.set(key, description);
  }
  return descriptions;
}

function splitDescription(line: string): readonly [string | undefined, string] {
  const separator = line.indexOf(' - ');
  if (separator <= 0 || line.startsWith('#')) return [undefined, ''];
  return [line.slice(0, separator).trim(), line.slice(separator + 3).trim()];
}
