import { join } from 'node:path';
import { linesOfWords, type ReportProblem, readSetting } from '../../files/regular-file.ts';
import { parseAtom } from '../../pms/atom.ts';
import { rootEnclosure } from '../repository.ts';
import { parseSettings } from './make-defaults.ts';
import { stackWords } from './packages-list.ts';
import { type Profile, readListFile } from './profile.ts';

/** The USE flags of one package, computed without a package manager. */
export interface EffectiveUse {
  readonly enabled: ReadonlySet<string>;
  /** One sentence: why a package manager may give other flags. */
  readonly approximation: string;
}

/**
 * Computes the enabled flags of a package from the files alone: its IUSE defaults, then the profile's USE and USE_EXPAND
 * variables, make.conf, package.use, and the flags that the profile forces and masks (PMS 5.2.11, 11.1.1; make.conf(5)).
 *
 * It is an approximation: only atoms without a version are read of package.use, and use.stable.mask, package.use.mask
 * and the environment are not read.
 *
 * @param iuse words of IUSE, with `+` and `-`
 */
export function effectiveUse(
  root: string,
  profile: Profile,
  wanted: { readonly category: string; readonly name: string; readonly iuse: readonly string[] },
  report: ReportProblem,
): EffectiveUse {
  const within = rootEnclosure(root);
  const make = parseSettings(
    ['etc/make.conf', 'etc/portage/make.conf']
      .map((path) => readListFile(join(root, path), within, report))
      .join('\n'),
    profile.settings,
  );
  const words = (text: string | undefined): string[] => text?.match(/\S+/g) ?? [];
  const expand = words(profile.settings.get('USE_EXPAND'));
  const expanded = (settings: ReadonlyMap<string, string>): string[] =>
    expand.flatMap((group) => {
      if (!settings.has(group)) return [];
      return words(settings.get(group)).map((value) =>
        value.startsWith('-')
          ? `-${group.toLowerCase()}_${value.slice(1)}`
          : `${group.toLowerCase()}_${value}`,
      );
    });
  const packageUse = linesOfWords(readListFile(join(root, 'etc/portage/package.use'), within, report));
  const defaults = wanted.iuse.filter((word) => word.startsWith('+'));
  const enabled = stackWords([
    defaults,
    words(profile.settings.get('USE')),
    expanded(profile.settings),
    words(make.values.get('USE')),
    expanded(make.values),
    ...packageUse.filter(([atom = '']) => names(atom, wanted)).map(([, ...flags]) => packageFlags(flags)),
    [...profile.useForce],
  ]);
  const flags = new Set(wanted.iuse.map((word) => word.replace(/^[+-]/, '')));
  for (const flag of [...enabled]) if (!flags.has(flag) || profile.useMask.has(flag)) enabled.delete(flag);
  const reasons = [
    ...(profile.complete ? [] : ['a file of the profile cannot be read in full']),
    ...(make.complete ? [] : ['make.conf holds more than plain assignments']),
  ];
  const why = reasons.length > 0 ? reasons.join(' and ') : 'package.use.mask and the like are not read';
  return {
    enabled,
    approximation: `The USE flags may be inexact, because they come from files alone and ${why}; install Portage or pkgcore for exact ones.`,
  };
}

/** Finds the profile that a root has chosen, `etc/portage/make.profile`; undefined if it has none. */
export function profileFolder(root: string, report: ReportProblem): string | undefined {
  const within = rootEnclosure(root);
  return ['etc/portage/make.profile', 'etc/make.profile']
    .map((path) => join(root, path))
    .find(
      (path) =>
        readSetting(join(path, 'make.defaults'), within, report) !== undefined ||
        readSetting(join(path, 'parent'), within, report) !== undefined,
    );
}

function names(text: string, wanted: { readonly category: string; readonly name: string }): boolean {
  if (text === '*/*') return true;
  const { atom } = parseAtom(text);
  return (
    atom !== undefined &&
    atom.version === undefined &&
    atom.category === wanted.category &&
    atom.name === wanted.name
  );
}

/** Expands `GROUP: a b` of package.use to `group_a group_b` (portage(5)). */
function packageFlags(words: readonly string[]): string[] {
  const flags: string[] = [];
  let prefix = '';
  for (const word of words) {
    if (word.endsWith(':')) prefix = `${word.slice(0, -1).toLowerCase()}_`;
    else flags.push(word.startsWith('-') ? `-${prefix}${word.slice(1)}` : prefix + word);
  }
  return flags;
}
