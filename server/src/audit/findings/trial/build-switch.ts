import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import type { Need } from '../../record.ts';

/** A build system whose options follow USE flags in words of their own. */
export type BuildSystem = 'cmake' | 'configure' | 'meson';

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
  /** A USE flag, or a name that upstream may use for it. */
  readonly feature: string;
  readonly evidence: readonly Evidence[];
}

/** Arguments that make the build follow a USE flag, as words to choose from: `$(use_with json) or $(use_enable json)`. */
export function printFollowing({ system, feature, evidence }: Switch): string | undefined {
  const option = toOption(feature);
  switch (system) {
    case 'meson':
      return `$(meson_feature ${feature}) or $(meson_use ${feature})`;
    case 'cmake': {
      const found = findPackageName(evidence);
      const disabled = `-DCMAKE_DISABLE_FIND_PACKAGE_${found ?? 'NAME'}=$(usex !${feature})`;
      const enabled = `-DWITH_${option}=$(usex ${feature})`;
      return found === undefined ? `${enabled} or ${disabled}` : `${disabled} or ${enabled}`;
    }
    case 'configure':
      return `$(use_with ${feature}) or $(use_enable ${feature})`;
    default:
      return undefined;
  }
}

/** An argument that may keep the build from using a package in every case. */
export function printSwitchedOff({ system, feature, evidence }: Switch): string | undefined {
  switch (system) {
    case 'meson':
      return `-D${feature}=disabled`;
    case 'cmake': {
      const found = findPackageName(evidence);
      return found === undefined
        ? `-DWITH_${toOption(feature)}=OFF`
        : `-DCMAKE_DISABLE_FIND_PACKAGE_${found}=ON`;
    }
    case 'configure':
      return `--without-${feature}`;
    default:
      return undefined;
  }
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
