import type { BuildOption } from '../../record.ts';

/** Words of an option's name that say nothing about what it switches. */
const FILLER = /^(?:with|enable|use|have|want|support|supports|system|find|package)$/;
/** An option with such a word says the opposite of its name, or how the package is built that comes with the sources. */
const OTHER =
  /^(?:no|not|without|disable|disabled|exclude|skip|build|bundled|bundle|internal|static|shared)$/;

/**
 * Finds the option that is named after a feature: `WITH_PNG` and `png` for libpng, `introspection` for gobject-introspection.
 *
 * @returns undefined if there is none, or if the name is not the same and more than one may be meant
 */
export function findOption(options: readonly BuildOption[], feature: string): BuildOption | undefined {
  const wanted = wordsOf(feature);
  const candidates = options
    .map((option) => ({ option, words: wordsOf(option.name) }))
    .filter(({ words }) => words.length > 0 && !words.some((word) => OTHER.test(word)));
  const same =
    candidates.find(({ option }) => option.name === feature) ??
    candidates.find(({ words }) => words.join('') === wanted.join(''));
  if (same !== undefined) return same.option;
  const [partial, ...others] = candidates.filter(
    ({ words }) => endsWith(wanted, words) || endsWith(words, wanted),
  );
  return others.length === 0 ? partial?.option : undefined;
}

/** The words of a name without fillers and without the version behind them: `pcre` for `WITH_LIBPCRE2`. */
function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !FILLER.test(word))
    .map((word) => word.replace(/^lib(?=[a-z])/, '').replace(/^([a-z]{3,})\d$/, '$1'));
}

function endsWith(words: readonly string[], end: readonly string[]): boolean {
  return (
    end.length > 0 && end.length < words.length && end.every((word, at) => word === words.at(at - end.length))
  );
}

/** The argument that makes the build follow a USE flag, in the words of the eclass: `$(meson_feature png)`. */
export function printOptionFollowing({ system, values, name }: BuildOption, flag: string): string {
  const own = name === flag ? '' : ` ${name}`;
  switch (values) {
    case 'feature':
      return `$(meson_feature ${flag}${own})`;
    case 'with':
    case 'enable':
      return `$(use_${values} ${flag}${own})`;
    case 'boolean':
      return system === 'meson' ? `$(meson_use ${flag}${own})` : `-D${name}=$(usex ${flag})`;
  }
}

/** The argument that switches the option off: `--without-png`. */
export function printOptionOff({ system, values, name }: BuildOption): string {
  switch (values) {
    case 'feature':
      return `-D${name}=disabled`;
    case 'with':
      return `--without-${name}`;
    case 'enable':
      return `--disable-${name}`;
    case 'boolean':
      return `-D${name}=${system === 'meson' ? 'false' : 'OFF'}`;
  }
}
