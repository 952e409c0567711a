/**
 * The flags that an ebuild may use without naming them in IUSE, from a profile's variables (PMS 11.1.1, since EAPI
 * 5). They are IUSE_IMPLICIT, and the values of USE_EXPAND_VALUES_NAME for every NAME of USE_EXPAND_IMPLICIT, with
 * their prefix unless NAME is in USE_EXPAND_UNPREFIXED.
 */
export function implicitFlags(settings: ReadonlyMap<string, string>): Set<string> {
  const words = (name: string): readonly string[] => settings.get(name)?.match(/\S+/g) ?? [];
  const flags = new Set(words('IUSE_IMPLICIT'));
  const unprefixed = new Set(words('USE_EXPAND_UNPREFIXED'));
  for (const name of words('USE_EXPAND_IMPLICIT')) {
    const prefix = unprefixed.has(name) ? '' : `${name.toLowerCase()}_`;
    for (const value of words(`USE_EXPAND_VALUES_${name}`)) flags.add(prefix + value);
  }
  return flags;
}
