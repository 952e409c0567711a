import type { RootState } from '../../../host/root-state.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { expandVirtuals, isStandIn } from '../../../installed/visible-set.ts';
import type { Atom, AtomOperator } from '../../../pms/atom.ts';
import { printAtom } from '../../../pms/atom.ts';
import type { DependencyVariable } from '../../../pms/dependency-variable.ts';
import { matchesAtom } from '../../../pms/match.ts';
import { compareVersions, parseVersion, type Version } from '../../../pms/version.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import { type UseKind, variableFor } from '../../../trace/use-kind.ts';
import { chooseVirtual } from './chosen-virtual.ts';
import type { DeprecationTest } from './deprecated-packages.ts';
import { findInstallingFlag } from './installing-flag.ts';

/** The use of a package that decides its atom. */
export interface AtomHow {
  /** Whether the image links its libraries and asks them for symbols. */
  readonly linked: boolean;
  /** Whether another build would link them anew, so that `:=` has an effect; see `listRelinked`. */
  readonly relinked: boolean;
  readonly kinds: readonly UseKind[];
  /** The used files of the package, with links resolved or not. */
  readonly paths: readonly string[];
  /** The versions of the package itself that the build asked for. */
  readonly bounds: readonly VersionBound[];
  /** The variable of the atom. Without it, the atom is for DEPEND and RDEPEND. */
  readonly variable?: DependencyVariable;
}

/** The part of a root from which atoms are written. */
export type NamedPackages = Pick<RootState, 'packages' | 'lookup'> & {
  /** Packages that no atom may ask for; none if absent. */
  readonly isDeprecated?: DeprecationTest;
};

/**
 * Writes the atom that an author would write for a package, see docs/atoms.md. The installed package, or its virtual, always matches it.
 *
 * @param how absent if the use is unknown; then only the name is written
 */
export function suggestAtom(installed: InstalledPackage, root: NamedPackages, how?: AtomHow): string {
  const chosen = findVirtual(installed, root, how) ?? installed;
  const plain = plainAtom(chosen);
  if (how === undefined) return printAtom(plain);
  const atom: Atom = {
    ...plain,
    ...(isCalledBySlot(chosen, how.paths) && { slot: chosen.slot }),
    ...(how.variable !== 'BDEPEND' && isBuiltAgainst(how) && slotOf(chosen, root, how.relinked)),
  };
  // A virtual has a version and flags of its own.
  if (chosen !== installed) return printAtom(atom);
  const bound = chooseBound(installed, how.bounds);
  const flag = findInstallingFlag(installed, how.paths);
  const whole: Atom = {
    ...atom,
    ...bound,
    use: flag === undefined ? [] : [{ flag, form: 'enabled', missing: '' }],
  };
  return printAtom(matchesAtom(whole, installed) ? whole : atom);
}

/** Only such a use needs a slot, because a program is run from any slot. */
function isBuiltAgainst({ linked, kinds }: AtomHow): boolean {
  return linked || kinds.some((kind) => kind === 'linked' || variableFor(kind) === 'DEPEND');
}

/** Whether an interpreter is called by the name that only one slot of it has, such as python3.12, lua5.4 or ruby32. */
function isCalledBySlot({ category, name, slot }: InstalledPackage, paths: readonly string[]): boolean {
  const programs = [`/${name}${slot}`, `/${name}${slot.replace('.', '')}`];
  return (
    category === 'dev-lang' &&
    slot !== '0' &&
    paths.length > 0 &&
    paths.every((path) => programs.some((program) => path.endsWith(program)))
  );
}

/** The slot if it is not 0 or several are installed, and `:=` if a rebuild links another ABI and the package has a sub-slot (PMS 8.3.3). */
function slotOf(
  chosen: InstalledPackage,
  { lookup }: NamedPackages,
  relinked: boolean,
): Pick<Atom, 'slot' | 'slotOperator'> {
  const slots = new Set(lookup.get(`${chosen.category}/${chosen.name}`)?.map(({ slot }) => slot));
  const slotOperator = relinked && chosen.subslot !== chosen.slot ? '=' : '';
  const isNamed = chosen.slot !== '0' || slots.size > 1 || (slotOperator !== '' && isTcl(chosen));
  return { slot: isNamed ? chosen.slot : undefined, slotOperator };
}

/** Gentoo writes `dev-lang/tcl:0=`, because each version of it had a slot once. */
const isTcl = ({ category, name }: InstalledPackage): boolean =>
  category === 'dev-lang' && /^tcl$|^tk$/.test(name);

/** A virtual of one module of Perl is not for Perl itself. */
const isOfModule = ({ category, name }: InstalledPackage, { name: virtual }: InstalledPackage): boolean =>
  category === 'dev-lang' && name === 'perl' && virtual.startsWith('perl-');

/** Finds the installed virtual, or the alternative, that an author names instead of the package. */
function findVirtual(
  installed: InstalledPackage,
  root: NamedPackages,
  how: AtomHow | undefined,
): InstalledPackage | undefined {
  const standIns = root.packages.filter(
    (standIn) =>
      isStandIn(standIn) &&
      standIn !== installed &&
      !isOfModule(installed, standIn) &&
      root.isDeprecated?.(standIn) !== true &&
      expandVirtuals([standIn], root.lookup).has(installed),
  );
  const paths = how?.paths ?? [];
  const names = paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
  // `bison` is not a use of app-alternatives/yacc, which is for the program `yacc` only.
  const alternative = standIns.find(
    ({ category, name }) =>
      category === 'app-alternatives' && names.length > 0 && names.every((used) => used === name),
  );
  if (alternative !== undefined) return alternative;
  const virtuals = standIns.filter(({ category }) => category === 'virtual');
  return chooseVirtual(installed, virtuals, paths, how);
}
const OPERATORS: Partial<Record<VersionBound['operator'], AtomOperator>> = {
  '>=': '>=',
  '>': '>',
  // `~` matches every revision.
  '=': '~',
};

/** Chooses the strictest of the lower bounds. A package above an upper bound is fixed in the sources, not in a suggested atom. */
function chooseBound(
  installed: InstalledPackage,
  bounds: readonly VersionBound[],
): Pick<Atom, 'operator' | 'version'> | undefined {
  let best: { readonly operator: AtomOperator; readonly version: Version } | undefined;
  for (const bound of bounds) {
    const operator = OPERATORS[bound.operator];
    const version = parseVersion(bound.version);
    if (operator === undefined || version === undefined || /^[0.]+$/.test(bound.version)) continue;
    // Upstream knows no revision, and `~` takes none (PMS 8.3.1).
    if (version.revision !== '') continue;
    const candidate = { operator, version };
    const order = best === undefined ? 1 : compareVersions(version, best.version);
    const fits = matchesAtom({ ...plainAtom(installed), ...candidate }, installed);
    if (fits && (order > 0 || (order === 0 && operator !== '>='))) best = candidate;
  }
  return best;
}

function plainAtom({ category, name }: InstalledPackage): Atom {
  return {
    blocker: '',
    operator: '',
    category,
    name,
    version: undefined,
    glob: false,
    slot: undefined,
    subslot: undefined,
    slotOperator: '',
    use: [],
    repository: undefined,
  };
}
