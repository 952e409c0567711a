import type {
  NamedKind,
  NamedPackage,
  Naming,
  Need,
  PackageUse,
  UnresolvedNeed,
} from '../../audit/record.ts';
import { type RootState, toRecorded } from '../../host/root-state.ts';
import type { ImageNeed } from '../../image/image-needs.ts';
import type { NamedNeed } from '../../image/named/named-need.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { VisiblePackage } from '../../installed/visible-set.ts';
import { packageId } from '../../pms/package-id.ts';
import type { Denial } from '../../trace/denial.ts';
import type { Evidence, VersionBound } from '../../trace/evidence.ts';
import type { ObservedUse } from '../builder/steps/observations.ts';
import type { AtomWriter } from './atoms/atom-writer.ts';
import type { VersionCheck } from './atoms/version-checks.ts';
import { isDoubtful } from './doubtful-requirements.ts';
import { findNamedOwner } from './named-owner.ts';
import type { OwnedNeed } from './owned-need.ts';
import type { RuntimeLicence } from './runtime-licence.ts';

/** Something that an installed file names, with the package that has it. */
export interface NamedOwner {
  readonly need: NamedNeed;
  /** The one of its names that the package has. */
  readonly wanted: string;
  readonly package: InstalledPackage;
  /** Path in the root. */
  readonly path: string;
}

/** What the names in an image lead to. */
export interface FoundNames {
  readonly owners: readonly NamedOwner[];
  /** Names that no package has. */
  readonly unowned: readonly NamedNeed[];
}

/** Finds the owners of what an image names. What a language brings itself is left out. */
export function findNamed(named: readonly NamedNeed[], root: RootState): FoundNames {
  const owners: NamedOwner[] = [];
  const unowned: NamedNeed[] = [];
  for (const need of named) {
    const found = need.wanted.map((wanted) => ({ wanted, owner: findNamedOwner(root, need.kind, wanted) }));
    const owned = found.flatMap(({ wanted, owner }) =>
      owner === undefined || owner === 'standard' ? [] : [{ need, wanted, ...owner }],
    );
    owners.push(...owned);
    if (found.every(({ owner }) => owner === undefined)) unowned.push(need);
  }
  return { owners, unowned };
}

/** Names as needs from which atoms are written, for packages of which nothing else is known. */
export function toAtomNeeds(
  owners: readonly NamedOwner[],
  observed: readonly ObservedUse[],
  owned: readonly OwnedNeed[],
): OwnedNeed[] {
  const others = new Set([
    ...observed.map((use) => packageId(use.package)),
    ...owned.map((need) => packageId(need.package)),
  ]);
  return owners
    .filter((owner) => !others.has(packageId(owner.package)))
    .map(({ need: { user, kind }, wanted, package: owner, path }) => ({
      need: { user, kind: kind === 'command' ? 'interpreter' : 'library', wanted },
      package: owner,
      path,
    }));
}

export interface NamedInput extends FoundNames {
  /** The packages that the image needs without doubt; what it names of them says no more. */
  readonly known: ReadonlySet<InstalledPackage>;
  /** The sonames that the image links and no package has. */
  readonly unownedLibraries: readonly ImageNeed[];
  /** What the image needs of another installed version of its own package, which RDEPEND does not bring. */
  readonly ownLibraries: readonly OwnedNeed[];
  readonly observed: readonly ObservedUse[];
  /** The packages that had to be revealed to the build. */
  readonly required: readonly Denial[];
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  readonly licence: RuntimeLicence;
  readonly atoms: AtomWriter;
  /** The versions that upstream's metadata asks for. */
  readonly requiredVersions: readonly VersionCheck[];
  /** The package of the ebuild as `category/name`. */
  readonly itself: string;
}

export interface NamedAccount {
  readonly needs: Need[];
  readonly named: NamedPackage[];
  /** What metadata requires and only the closure of RDEPEND brings. */
  readonly uses: PackageUse[];
  readonly unresolved: UnresolvedNeed[];
}

/**
 * Says which packages the image names and surely needs (`needs`), and which it names (`named`). A soname or a command counts as a need only
 * if something shows that its package is the business of this ebuild. Libraries, modules and programs that only the closure of RDEPEND
 * brings are no finding, unless upstream's metadata requires them.
 */
export function describeNamed(input: NamedInput): NamedAccount {
  const needs: Need[] = [];
  const named: NamedPackage[] = [];
  const uses: PackageUse[] = [];
  for (const [installed, owners] of groupOwners(input)) {
    const judged = owners
      .map((owner) => ({ owner, ...judgeName(owner, input) }))
      .sort((left, right) => RANKS.indexOf(left.rank) - RANKS.indexOf(right.rank));
    const [best] = judged;
    if (best === undefined || best.rank === 'nothing') continue;
    const licence = input.licence.licenceFor(installed);
    const same = {
      package: toRecorded(installed),
      atom: input.atoms.atomFor(installed, 'RDEPEND'),
      named: best.naming,
      evidence: [toEvidence(best.owner)],
    };
    if (licence === undefined && best.rank === 'needed') {
      const bounds = boundsOf(installed, input);
      needs.push({ variable: 'RDEPEND', certainty: 'proven', ...same, ...(bounds.length > 0 && { bounds }) });
    } else
      named.push({
        ...same,
        isOptional: best.rank === 'optional',
        ...(licence !== undefined && { licence }),
      });
    const required = judged.find(({ rank, naming }) => rank === 'needed' && naming.stated !== undefined);
    if (licence === 'closure' && required?.naming.stated !== undefined)
      uses.push({
        package: same.package,
        atom: same.atom,
        licence,
        through: input.licence.findThrough(installed),
        kinds: [{ kind: 'interpreter', evidence: [toEvidence(required.owner)] }],
        bounds: [],
        requirement: required.naming.stated,
      });
  }
  return { needs, named, uses, unresolved: listUnresolved(input) };
}

const boundsOf = (installed: InstalledPackage, { requiredVersions }: NamedInput): VersionBound[] =>
  requiredVersions.filter((check) => check.package === installed).map(({ bound }) => bound);

type Rank = 'needed' | 'possible' | 'optional' | 'nothing';
const RANKS: readonly Rank[] = ['needed', 'possible', 'optional', 'nothing'];

/** The names by package. If one of several packages is enough, and one of them is there, the others are left out. */
function groupOwners({ owners, known, licence, itself }: NamedInput): Map<InstalledPackage, NamedOwner[]> {
  const groups = new Map<InstalledPackage, NamedOwner[]>();
  const isThere = (installed: InstalledPackage) => licence.licenceFor(installed) !== undefined;
  const chosen = new Map<NamedNeed, NamedOwner>();
  for (const owner of owners) {
    const before = chosen.get(owner.need);
    if (before === undefined || (!isThere(before.package) && isThere(owner.package)))
      chosen.set(owner.need, owner);
  }
  for (const owner of chosen.values()) {
    const { category, name } = owner.package;
    if (known.has(owner.package) || `${category}/${name}` === itself) continue;
    groups.set(owner.package, [...(groups.get(owner.package) ?? []), owner]);
  }
  return groups;
}

/** Packages that are for building: a script that names their programs may be for developers. */
const FOR_BUILDING = /^(?:dev-build|sys-devel)\/|\/pkg-?conf(?:ig)?$/;

function judgeName(
  { need: { kind, strength, purpose, requirement }, wanted, package: installed }: NamedOwner,
  input: NamedInput,
): { readonly rank: Rank; readonly naming: Naming } {
  const plain: Naming = {
    kind,
    wanted,
    ...(purpose !== undefined && { purpose }),
    ...(requirement !== undefined && { stated: requirement.stated }),
    ...(requirement?.isForVersion === true && { isForVersion: true }),
  };
  if (isDoubtful(kind, wanted)) return { rank: 'nothing', naming: plain };
  if (kind === 'soname') {
    const ground = groundForLibrary(installed, wanted, input);
    return {
      rank: ground === undefined ? 'possible' : 'needed',
      naming: ground ? { ...plain, ground } : plain,
    };
  }
  if (kind === 'command') {
    const ground = groundForCommand(installed, input);
    if (ground === undefined) return { rank: 'nothing', naming: plain };
    const isForBuilding = FOR_BUILDING.test(`${installed.category}/${installed.name}`);
    const rank = strength === 'required' ? (isForBuilding ? 'possible' : 'needed') : strength;
    return { rank, naming: { ...plain, ground } };
  }
  return { rank: strength === 'required' ? 'needed' : strength, naming: plain };
}

const usesOf = ({ observed }: NamedInput, installed: InstalledPackage) =>
  observed.filter((use) => packageId(use.package) === packageId(installed)).flatMap(({ kinds }) => kinds);

function groundForLibrary(installed: InstalledPackage, soname: string, input: NamedInput): Naming['ground'] {
  if (usesOf(input, installed).some(({ kind }) => kind === 'header')) return 'headers';
  const isLoaded = ({ phase, path }: Evidence) => phase === 'test' && path.endsWith(`/${soname}`);
  const denials = input.required.filter((denial) => packageId(denial.package) === packageId(installed));
  if (denials.some(({ evidence }) => evidence.some(isLoaded))) return 'test';
  return input.visible.get(installed)?.reason === 'declared' ? 'declared' : undefined;
}

function groundForCommand(installed: InstalledPackage, input: NamedInput): Naming['ground'] {
  if (usesOf(input, installed).some(({ kind }) => kind === 'program')) return 'run';
  return input.visible.get(installed)?.reason === 'declared' ? 'declared' : undefined;
}

/** Files of others that the image brings with it: they may be looked for in any folder, and for another version of the language. */
const BUNDLED = /^\/opt\/|\/_?(?:vendor|vendored|third[_-]party|bundled)\//;

const METADATA: Readonly<Partial<Record<NamedKind, NamedKind>>> = {
  'python-metadata': 'python',
  'perl-metadata': 'perl',
};
const MODULES: readonly NamedKind[] = ['typelib', 'python', 'perl', 'ruby', 'dlopen-note'];

/** Whether it is missed if no package has it. What is required for some versions of an interpreter only may be left out on purpose. */
function isModule({ kind, strength, wanted: [wanted = ''], requirement }: NamedNeed): boolean {
  if (strength !== 'required' || requirement?.isForVersion === true || isDoubtful(kind, wanted)) return false;
  return MODULES.includes(kind) || kind in METADATA;
}

/** Metadata says no more if a module of its language is missing too, perhaps under another name. */
function withoutRepeated(modules: readonly NamedNeed[]): NamedNeed[] {
  const told = new Set(modules.map(({ kind }) => kind));
  return modules.filter(({ kind }) => !told.has(METADATA[kind] ?? 'command'));
}

/** Limit in modules that are told: if more are missing, the program has another way to find them. */
const MOST_MODULES = 5;

/** What is linked, or what a language cannot do without, and no other package has. */
function listUnresolved({
  unowned,
  unownedLibraries,
  ownLibraries,
  licence,
  owners,
  itself,
}: NamedInput): UnresolvedNeed[] {
  // A package of RDEPEND that is not installed may bring what is missing.
  const isMissing = licence.isWhole
    ? (need: NamedNeed) => isModule(need) && !BUNDLED.test(need.user)
    : () => false;
  const modules = withoutRepeated(unowned.filter(isMissing)).slice(0, MOST_MODULES);
  const own = owners.filter(({ package: { category, name } }) => `${category}/${name}` === itself);
  return [
    ...(licence.isWhole ? unownedLibraries : []).map(
      ({ user, wanted }): UnresolvedNeed => ({ kind: 'library', wanted, user }),
    ),
    ...ownLibraries
      .filter(({ need }) => need.kind === 'library')
      .map(
        ({ need: { user, wanted }, path }): UnresolvedNeed => ({
          kind: 'library',
          wanted,
          user,
          ownPath: path,
        }),
      ),
    ...modules.map(({ kind, user, wanted: [wanted = ''] }): UnresolvedNeed => ({ kind, wanted, user })),
    ...own
      .filter(({ need }) => isModule(need))
      .map(
        ({ need: { kind, user }, wanted, path }): UnresolvedNeed => ({ kind, wanted, user, ownPath: path }),
      ),
  ];
}

function toEvidence({ need: { user }, path }: NamedOwner): Evidence {
  return {
    phase: 'install',
    program: user,
    chain: [user],
    operation: 'name',
    path,
    result: 'seen',
    count: 1,
  };
}
