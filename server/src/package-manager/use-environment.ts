/**
 * The environment that sets flags in spite of the configuration. USE of the environment comes before package.use in
 * Portage's USE_ORDER (make.conf(5)); pkgcore's scripts write it into package.use.
 *
 * @param use `flag` or `-flag`
 */
export function useEnvironment(use: readonly string[]): Readonly<Record<string, string>> {
  return use.length === 0 ? {} : { USE: use.join(' ') };
}
