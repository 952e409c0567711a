/**
 * The environment that sets flags whatever the configuration says. It comes first in Portage's own USE_ORDER, before package.use
 * (make.conf(5)); pkgcore's scripts make an entry of package.use of it.
 *
 * @param use `flag` or `-flag`
 */
export function useEnvironment(use: readonly string[]): Readonly<Record<string, string>> {
  return use.length === 0 ? {} : { USE: use.join(' ') };
}
