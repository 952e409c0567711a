import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import type { BuildOption, Need } from '../../record.ts';
import { findOption, printOptionFollowing, printOptionOff } from './build-option.ts';

/** A build system whose options follow USE flags in words of their own. */
export type BuildSystem = BuildOption['system'];

/** The labels by which the chain of an access shows which build system looked for the file. */
const LABELS: Readonly<Record<BuildSystem, RegExp>> = {
  meson: /^meson(\.py)?$/,
  cmake: /^(cmake|ctest)[\d.]*$/,
  configure: /^configure(\.gnu)?$/,
};

/** Scripts that have no such options. */
const OTHER = /^(setup\.py|Makefile\.PL|Build\.PL|waf|scons|qmake\d?)$/;

const ECLASSES: Readonly<Record<BuildSystem, RegExp>> = {
  meson: /^meson(-multilib)?$/,
  cmake: /^(cmake(-multilib)?|ecm|ros-catkin)$/,
  configure: /^(autotools|multilib-minimal|gnome2|xfconf)$/,
};

const SYSTEMS = Object.keys(LABELS) as readonly BuildSystem[];

/**
 * Chooses the build system that looked for a package: the one that the accesses show, else the one whose eclass the ebuild inherits.
 *
 * @returns undefined if it is another one, such as a plain Makefile
 */
export function chooseBuildSystem(
  { inherits, commands }: Pick<EbuildFacts, 'inherits' | 'commands'>,
  evidence: readonly Evidence[],
): BuildSystem | undefined {
  const labels = evidence.flatMap(({ chain }) => chain);
  const seen = SYSTEMS.find((system) => labels.some((label) => LABELS[system].test(label)));
  if (seen !== undefined) return seen;
  if (labels.some((label) => OTHER.test(label))) return undefined;
  const inherited = SYSTEMS.find((system) => inherits.some(({ name }) => ECLASSES[system].test(name)));
  return inherited ?? (commands.some(({ name }) => name === 'econf') ? 'configure' : undefined);
}

/** What a build is told about a package. */
export interface Switch {
  readonly system: BuildSystem | undefined;
  /** The USE flag that the build is to follow, or a name that upstream may use for the package. */
  readonly feature: string;
  /** The name that upstream may use for the package. */
  readonly about: string;
  readonly evidence: readonly Evidence[];
  /** The options of the build files; undefined if they are not known, so that a usual name is offered instead. */
  readonly options: readonly BuildOption[] | undefined;
}

/**
 * Arguments that make the build follow a USE flag, as words to choose from: `$(use_with json) or $(use_enable json)`.
 *
 * @returns undefined if no argument is known
 */
export function printFollowing(wanted: Switch): string | undefined {
  const { system, feature, evidence } = wanted;
  if (system === undefined) return undefined;
  const own = findOwnOption(wanted);
  if (own !== undefined) return printOptionFollowing(own, feature);
  const found = system === 'cmake' ? findPackageName(evidence) : undefined;
  const disabled = found && `-DCMAKE_DISABLE_FIND_PACKAGE_${found}=$(usex !${feature})`;
  if (wanted.options !== undefined) return disabled;
  switch (system) {
    case 'meson':
      return `$(meson_feature ${feature}) or $(meson_use ${feature})`;
    case 'cmake': {
      const enabled = `-DWITH_${toOption(feature)}=$(usex ${feature})`;
      return disabled === undefined
        ? `${enabled} or -DCMAKE_DISABLE_FIND_PACKAGE_NAME=$(usex !${feature})`
        : `${disabled} or ${enabled}`;
    }
    case 'configure':
      return `$(use_with ${feature}) or $(use_enable ${feature})`;
  }
}

/** An argument that may keep the build from using a package in every case. */
export function printSwitchedOff(wanted: Switch): string | undefined {
  const { system, feature, evidence } = wanted;
  if (system === undefined) return undefined;
  const own = findOwnOption(wanted);
  if (own !== undefined) return printOptionOff(own);
  const found = system === 'cmake' ? findPackageName(evidence) : undefined;
  if (found !== undefined) return `-DCMAKE_DISABLE_FIND_PACKAGE_${found}=ON`;
  if (wanted.options !== undefined) return undefined;
  switch (system) {
    case 'meson':
      return `-D${feature}=disabled`;
    case 'cmake':
      return `-DWITH_${toOption(feature)}=OFF`;
    case 'configure':
      return `--without-${feature}`;
  }
}

function findOwnOption({ system, feature, about, options = [] }: Switch): BuildOption | undefined {
  const ofSystem = options.filter((option) => option.system === system);
  return findOption(ofSystem, feature) ?? findOption(ofSystem, about);
}

/** A flag named after a package, as Gentoo names `png` for media-libs/libpng. */
export function featureOf({ package: { name } }: Pick<Need, 'package'>): string {
  return name.toLowerCase().replace(/^lib(?=[a-z])/, '');
}

const toOption = (feature: string): string => feature.toUpperCase().replace(/[^A-Z0-9]+/g, '_');

/** The argument of `find_package` (cmake-commands(7)), if the build looked for the package's own configuration. */
function findPackageName(evidence: readonly Evidence[]): string | undefined {
  for (const { path } of evidence) {
    const [, file] = /\/([^/]+?)(?:Config|-config)\.cmake$/.exec(path) ?? [];
    const [, folder] = /\/cmake\/([^/]+?)(?:-\d[\d.]*)?$/.exec(path) ?? [];
    const name = file ?? folder;
    if (name !== undefined && !name.endsWith('.cmake')) return name;
  }
  return undefined;
}
