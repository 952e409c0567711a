/** Writes a version of Perl as `version->normal` does: decimals are cut into threes, so that 1.46 is 1.460.0 and 1.002003 is 1.2.3 (perl-module.eclass). */
export function normalisePerl(version: string): string {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(version) ?? [];
  const parts =
    whole === undefined
      ? version.replace(/^v/, '').split('.')
      : [
          whole,
          ...(fraction.padEnd(Math.max(6, Math.ceil(fraction.length / 3) * 3), '0').match(/\d{3}/g) ?? []),
        ];
  while (parts.length < 3) parts.push('0');
  return parts.map((part) => part.replace(/^0+(?=\d)/, '')).join('.');
}
