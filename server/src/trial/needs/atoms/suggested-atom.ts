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
import { findInstallingFlag } from './installing-flag.ts';

/** How a build used a package, as far as the atom for it depends on that. */
export interface AtomHow {
  /** Whether the image links its libraries and asks them for symbols. */
  readonly linked: boolean;
  readonly kinds: readonly UseKind[];
  /** Which of its files were used, links resolved or not. */
  readonly paths: readonly string[];
  /** What the build asked of the package's own version. */
  readonly bounds: readonly VersionBound[];
  /** Where the atom is to stand. Without it, it is for DEPEND and RDEPEND. */
  readonly variable?: DependencyVariable;
}

/** What a trial reads of a root to name its packages. */
export type NamedPackages = Pick<RootState, 'packages' | 'lookup'>;

/**
 * The atom that an author would write for a package, see docs/atoms.md. The installed package always matches it, or its virtual does.
 *
 * - The installed virtual that stands for the package, as Gentoo writes `virtual/pkgconfig` for dev-util/pkgconf.
 * - The slot, where it is not 0 or several are installed, and `:=` where the ABI is linked and the package has a sub-slot (PMS 8.3.3). A
 *   program that is only run is in any slot: no slot in BDEPEND.
 * - The lowest version that the build's own check takes.
 * - The flag of the package without which what was used would not be there.
 *
 * @param how absent while nothing is known of it: then only the name is told
 */
export function suggestAtom(installed: InstalledPackage, root: NamedPackages, how?: AtomHow): string {
  const chosen = findVirtual(installed, root, how) ?? installed;
  const plain = plainAtom(chosen);
  if (how === undefined) return printAtom(plain);
  const atom: Atom = {
    ...plain,
    ...(how.variable !== 'BDEPEND' && isBuiltAgainst(how) && slotOf(chosen, root, how.linked)),
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

function isBuiltAgainst({ linked, kinds }: AtomHow): boolean {
  return linked || kinds.some((kind) => kind === 'linked' || variableFor(kind) === 'DEPEND');
}

function slotOf(
  chosen: InstalledPackage,
  { lookup }: NamedPackages,
  linked: boolean,
): Pick<Atom, 'slot' | 'slotOperator'> {
  const slots = new Set(lookup.get(`${chosen.category}/${chosen.name}`)?.map(({ slot }) => slot));
  return {
    slot: chosen.slot !== '0' || slots.size > 1 ? chosen.slot : undefined,
    slotOperator: linked && chosen.subslot !== chosen.slot ? '=' : '',
  };
}

/**
 * The one installed stand-in that an author names instead of the package. An app-alternatives/NAME stands for whoever provides the
 * program NAME, and for nothing else of it: `bison` is no use of app-alternatives/yacc. Of several virtuals, and of one that is named
 * for a library, the one counts whose name all the used files have: virtual/libelf stands for libelf of dev-libs/elfutils, and not for its
 * libdw. Where several stand for a package otherwise, as for the modules of dev-lang/perl, none of them is the package as a whole.
 */
function findVirtual(
  installed: InstalledPackage,
  root: NamedPackages,
  how: AtomHow | undefined,
): InstalledPackage | undefined {
  const standIns = root.packages.filter(
    (one) => isStandIn(one) && one !== installed && expandVirtuals([one], root.lookup).has(installed),
  );
  const names = (how?.paths ?? []).map((path) => path.slice(path.lastIndexOf('/') + 1));
  const alternative = standIns.find(
    ({ category, name }) =>
      category === 'app-alternatives' && names.length > 0 && names.every((one) => one === name),
  );
  if (alternative !== undefined) return alternative;
  const virtuals = standIns.filter(({ category }) => category === 'virtual');
  const named = virtuals.filter(({ name }) => {
    const telling = stem(name);
    return telling.length > 2 && names.length > 0 && names.every((one) => one.includes(telling));
  });
  if (named.length === 1) return named[0];
  const [only] = virtuals;
  if (virtuals.length !== 1 || only === undefined) return undefined;
  return only.name.startsWith('lib') && names.length > 0 ? undefined : only;
}

/** What file names have of a virtual's name: `crypt.h` is of virtual/libcrypt. */
function stem(name: string): string {
  return name.replace(/^lib/, '');
}

const OPERATORS: Partial<Record<VersionBound['operator'], AtomOperator>> = {
  '>=': '>=',
  '>': '>',
  // Whatever its revision.
  '=': '~',
};

/** The strictest of the bounds from below. Bounds from above are mended in the sources or the text, not in an atom that is suggested. */
function chooseBound(
  installed: InstalledPackage,
  bounds: readonly VersionBound[],
): Pick<Atom, 'operator' | 'version'> | undefined {
  let best: { readonly operator: AtomOperator; readonly version: Version } | undefined;
  for (const bound of bounds) {
    const operator = OPERATORS[bound.operator];
    const version = parseVersion(bound.version);
    if (operator === undefined || version === undefined || /^[0.]+$/.test(bound.version)) continue;
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
