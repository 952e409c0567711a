import type { Need, PackageUse } from '../../audit/record.ts';
import { type RootState, toRecorded } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, type VisiblePackage } from '../../installed/visible-set.ts';
import { BUILD_VARIABLES } from '../../pms/dependency-variable.ts';
import { packageId } from '../../pms/package-id.ts';
import { EVIDENCE_KEPT, type Evidence } from '../../trace/evidence.ts';
import { classifyPath } from '../../trace/path-class.ts';
import { isPkgConfig } from '../../trace/process/pkg-config-call.ts';
import { baseName } from '../../trace/process/role.ts';
import { variableFor, variablesOf } from '../../trace/use-kind.ts';
import { refusesVersion } from '../../trace/version-bound.ts';
import type { ObservedUse } from '../builder/steps/observations.ts';
import { mentionsHeaderOf, type SourceMentions } from '../reading/source-mentions.ts';
import type { AtomWriter } from './atoms/atom-writer.ts';
import { findUsedFlags } from './atoms/installing-flag.ts';
import { findInstalledPackage, markDeprecated } from './need.ts';

export interface BuildUsesInput {
  readonly uses: readonly ObservedUse[];
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  readonly root: Pick<RootState, 'lookup'> & { readonly index: Pick<RootState['index'], 'filesOf'> };
  /** The packages that the image links and uses symbols of. */
  readonly linked: ReadonlySet<InstalledPackage>;
  /** Packages that the record has as needs. */
  readonly needed: ReadonlySet<InstalledPackage>;
  /** Those that lack in DEPEND because their modules require others, see `findRequiringModules`. */
  readonly requiring: ReadonlySet<InstalledPackage>;
  /** Called only if the sources decide something. */
  readMentions(): Promise<SourceMentions>;
  readonly atoms: AtomWriter;
}

/** What a build used of the packages that it saw. */
export interface BuildUses {
  readonly uses: PackageUse[];
  /** Packages that the ebuild builds against itself, and that it saw only because an undeclared package had to be revealed. */
  readonly needs: Need[];
}

/**
 * Lists the uses of visible packages by the ebuild's own processes. Of a package that is only visible through another one, only what the
 * sources ask for themselves counts, because headers include each other and modules of CMake look for others. A question to pkg-config whose
 * answer the build does not use is a probe and not a use.
 */
export async function describeBuildUses(input: BuildUsesInput): Promise<BuildUses> {
  const { root, visible, atoms } = input;
  const shown = [...visible].filter(([, { visibility }]) => visibility !== 'hidden');
  const ofReason = (reason: VisiblePackage['reason']) =>
    shown.filter(([, how]) => how.reason === reason).map(([installed]) => installed);
  const findThrough = createFindThrough(root, [
    [...ofReason('declared'), ...ofReason('revealed')],
    ofReason('system'),
  ]);
  const uses: PackageUse[] = [];
  const needs: Need[] = [];
  for (const use of input.uses) {
    const installed = findInstalledPackage(root, use.package);
    const { licence } = use;
    if (licence === 'hidden' || licence === 'package-manager-only' || input.needed.has(installed)) continue;
    const kinds = isOnlyAsked(use, installed, input)
      ? []
      : licence === 'closure'
        ? await keepDirect(use, installed, input)
        : use.kinds;
    if (kinds.length === 0) continue;
    const against = kinds.filter(({ kind }) => variableFor(kind) === 'DEPEND');
    if (visible.get(installed)?.reason === 'revealed-closure' && against.length > 0) {
      needs.push({
        variable: 'DEPEND',
        package: toRecorded(installed),
        atom: atoms.atomFor(installed, 'DEPEND'),
        certainty: 'proven',
        ...markDeprecated(installed, 'DEPEND', atoms),
        evidence: against.flatMap(({ evidence }) => evidence).slice(0, EVIDENCE_KEPT),
        bounds: atoms.boundsOf(installed),
      });
      continue;
    }
    const flags = findUsedFlags(
      installed,
      kinds.filter(({ kind }) => kind !== 'data').flatMap(({ evidence }) => evidence.map(({ path }) => path)),
    );
    const [variable] = variablesOf(kinds.map(({ kind }) => kind));
    uses.push({
      package: toRecorded(installed),
      atom: atoms.atomFor(visible.get(installed)?.standIn ?? installed, variable),
      ...markDeprecated(installed, variable, atoms),
      licence,
      ...(licence === 'closure' && { through: findThrough(installed) }),
      kinds,
      bounds: atoms.boundsOf(installed),
      ...(flags.length > 0 && { flags }),
      ...(input.requiring.has(installed)
        ? { lacksIn: 'DEPEND' as const }
        : findLackingVariable(visible.get(installed), kinds)),
    });
  }
  return { uses, needs };
}

/**
 * The variable that does not bring a declared package which the build both runs and builds against. A package that describes itself to
 * programs of its own, as Vala does, is not built against for that, so that only a header, or a library that is linked after src_configure has
 * checked for it, makes one of BDEPEND lack in DEPEND.
 */
function findLackingVariable(
  visible: VisiblePackage | undefined,
  kinds: ObservedUse['kinds'],
): Pick<PackageUse, 'lacksIn'> {
  if (visible?.reason !== 'declared') return {};
  const lacksIn = BUILD_VARIABLES.find((variable) => !visible.broughtBy.includes(variable));
  const isBuiltAgainst = kinds.some(
    ({ kind, evidence }) =>
      (kind === 'header' && evidence.some(({ path }) => path.startsWith('/usr/include/'))) ||
      (kind === 'library' && evidence.some(isLinking)) ||
      (kind === 'pkg-config' && lacksIn === 'BDEPEND'),
  );
  const isRun = kinds.some(({ kind }) => kind === 'program');
  return isBuiltAgainst && isRun && lacksIn !== undefined ? { lacksIn } : {};
}

/** Whether a linker reads the file for what is built, and not for a check. */
const isLinking = ({ phase, program }: Evidence): boolean =>
  phase !== 'configure' && /^(?:.+-)?(?:ld(?:\.\w+)?|lld|mold)$/.test(baseName(program));

/**
 * Whether pkg-config was asked for a library, and nothing of the library was read or linked, although the build accepts its version.
 */
function isOnlyAsked(
  { kinds }: ObservedUse,
  installed: InstalledPackage,
  { root, linked, atoms }: BuildUsesInput,
): boolean {
  if (atoms.boundsOf(installed).some((bound) => refusesVersion(bound, installed.version))) return false;
  if (kinds.some(({ kind }) => kind !== 'pkg-config' && kind !== 'data') || linked.has(installed))
    return false;
  const files = [...root.index.filesOf(installed)];
  // Such a question may be for a program or a folder that only the .pc file names.
  return (
    kinds.some(({ kind }) => kind === 'pkg-config') &&
    files.some(({ path }) => classifyPath(path) === 'header')
  );
}

async function keepDirect(
  { kinds }: ObservedUse,
  installed: InstalledPackage,
  { root, linked, readMentions }: BuildUsesInput,
): Promise<ObservedUse['kinds']> {
  const kept: ObservedUse['kinds'][number][] = [];
  for (const kindUse of kinds) {
    if (await isDirect(kindUse)) kept.push(kindUse);
  }
  return kept;

  async function isDirect({ kind, evidence }: ObservedUse['kinds'][number]): Promise<boolean> {
    switch (kind) {
      case 'program':
        // A module of CMake, such as FindOpenSSL, asks pkg-config too, and can do without.
        return (
          evidence.length === 0 ||
          !evidence.every(isAskedByCmake) ||
          (await readMentions()).cmakePackages.has('pkgconfig')
        );
      case 'build-module':
      case 'pkg-config':
        return true;
      case 'library':
        return linked.has(installed);
      case 'header':
        return mentionsHeaderOf(await readMentions(), root.index.filesOf(installed));
      case 'cmake': {
        const { cmakePackages } = await readMentions();
        return evidence.some(({ path }) => {
          const name = /([^/]+?)-?config\.cmake$/i.exec(path)?.[1];
          return name !== undefined && cmakePackages.has(name.toLowerCase());
        });
      }
      case 'description':
      case 'data':
        return false;
    }
  }
}

const isAskedByCmake = ({ program, path }: Evidence): boolean =>
  baseName(program) === 'cmake' && isPkgConfig(path);

/** Limit in packages that a finding names as the reason why another one is visible. */
const MOST_THROUGH = 5;

/**
 * Makes a function that names the packages through which another one is visible, because their RDEPEND closure contains it, as
 * category/name.
 *
 * @param ranks the packages to try; the first rank that has an answer gives it
 * @param except a package as `category/name` that is not followed
 */
export function createFindThrough(
  { lookup }: Pick<RootState, 'lookup'>,
  ranks: readonly (readonly InstalledPackage[])[],
  except?: string,
): (wanted: InstalledPackage) => string[] {
  const closures = new Map<InstalledPackage, ReadonlySet<InstalledPackage>>();
  const closureOf = (installed: InstalledPackage) => {
    const known = closures.get(installed) ?? closeOverRuntime([installed], lookup, except);
    closures.set(installed, known);
    return known;
  };
  return (wanted) => {
    for (const packages of ranks) {
      const through = packages.filter(
        (installed) => installed !== wanted && closureOf(installed).has(wanted),
      );
      const names = through.map(({ category, name }) => `${category}/${name}`);
      if (names.length > 0) return [...new Set(names)].sort().slice(0, MOST_THROUGH);
    }
    return [];
  };
}

/**
 * Ids of the packages that were used in a way that proves a need. Data does not, nor does what a check of src_configure reads or runs: a build
 * without the package shows whether it is needed.
 */
export function listUsed(uses: readonly PackageUse[]): Set<string> {
  const isAnswered = uses.some(({ kinds }) => kinds.some(({ kind }) => kind === 'pkg-config'));
  const proves = (seen: KindOfUse) => seen.kind !== 'data' && !isCheck(seen, isAnswered);
  return new Set(uses.filter(({ kinds }) => kinds.some(proves)).map((use) => packageId(use.package)));
}

type KindOfUse = PackageUse['kinds'][number];

/** The passes of GCC and clang that read headers. */
const HEADER_READER = /^(?:cc1(?:plus|obj|objplus)?|clang(?:\+\+)?(?:-\d+)?)$/;

/** Macros may stand in an `m4_ifdef`. */
const MACROS = '/usr/share/aclocal/';

/**
 * Whether src_configure only compiles headers, a configure script only runs a program, as AC_PROG_LEX runs flex, or aclocal only reads macros.
 *
 * @param isAnswered whether pkg-config found something that the build uses, so that it was no check
 */
function isCheck({ kind, evidence }: KindOfUse, isAnswered: boolean): boolean {
  if (evidence.length === 0) return false;
  if (kind === 'build-module') return evidence.every(({ path }) => path.startsWith(MACROS));
  if (evidence.some(({ phase }) => phase !== 'configure')) return false;
  switch (kind) {
    case 'header':
      return evidence.every(({ program }) => HEADER_READER.test(baseName(program)));
    case 'program':
      return evidence.every(
        ({ path, chain }) => chain.includes('configure') && !(isAnswered && isPkgConfig(path)),
      );
    default:
      return false;
  }
}
