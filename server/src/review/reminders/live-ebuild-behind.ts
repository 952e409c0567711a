import type { Finding } from '../../audit/finding.ts';
import type { EbuildIdentity } from '../../audit/subject.ts';
import { variableRange } from '../../ebuild/anchor.ts';
import { type DeclaredAtom, declaredWithAtoms } from '../../ebuild/declared.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { packageVariables } from '../../ebuild/package-variables.ts';
import { printAtom } from '../../pms/atom.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../../pms/dependency-variable.ts';
import { nameOf, type PackageName } from '../../pms/package-name.ts';
import { compareVersions, isLive, type Version } from '../../pms/version.ts';
import { type EbuildPath, parseEbuildPath } from '../ebuild-path.ts';
import { describeDifference } from './dependency-difference.ts';
import type { ReviewedChange } from './reviewed-change.ts';

/** Eclasses that only fetch sources. A live ebuild inherits one of them instead of naming an archive. */
const FETCHING: ReadonlySet<string> = new Set(['bzr', 'cvs', 'darcs', 'git-r3', 'mercurial', 'subversion']);

/**
 * `live-ebuild-behind`: the change adds or removes atoms of the newest version, and the live ebuild still declares exactly what the old state
 * did about these packages. The texts are compared, because a live ebuild can rarely be tried.
 */
export function findLiveEbuildBehind(change: ReviewedChange): Finding[] {
  const { ebuild, from, before, after, cause } = change;
  const live = findLive(change);
  const isOwn = cause.kind === 'added' || cause.kind === 'changed' || cause.kind === 'renamed';
  if (live === undefined || before === undefined || !isOwn || from === live.path) return [];
  if (ebuild.version === undefined || isFromLive(from)) return [];
  const facts = change.readOther(live.path);
  if (facts === undefined || mayBringMore(facts, after.facts)) return [];
  const name = live.path.slice(live.path.lastIndexOf('/') + 1);
  const [old, now, lives] = [
    readAtoms(before.facts, before.identity),
    readAtoms(after.facts, after.identity),
    readAtoms(facts, {
      category: after.identity.category,
      packageAndVersion: name.slice(0, -'.ebuild'.length),
    }),
  ];
  const lacking = DEPENDENCY_VARIABLES.flatMap((variable) => {
    const found = findLacking(old[variable], now[variable], lives[variable]);
    return found.names.length === 0 ? [] : [{ variable, ...found }];
  });
  const [first] = lacking;
  if (first === undefined) return [];
  const shown = lacking.map(
    ({ variable, added, removed }) => `${variable} ${describeDifference(added, removed)}`,
  );
  return [
    {
      code: 'live-ebuild-behind',
      severity: 'information',
      message: `The live ebuild ${name} does not have this change (${shown.join('; ')}): make it there too.`,
      range: variableRange(after.facts, first.variable),
      evidence: [],
      about: [...new Set(lacking.flatMap(({ names }) => names))],
    },
  ];
}

/** Keys for signatures of archives, which a live ebuild does not fetch, and programs that fetch its sources. */
const ABOUT_SOURCES = /^(?:sec-keys|dev-vcs)\//;

/** The packages of one variable that the live ebuild declares as the old state did and the new one does not. */
function findLacking(old: VariableAtoms, now: VariableAtoms, live: VariableAtoms) {
  // A word that only bash can expand may bring the atom.
  const isOpen = live.unknown.some((word) => !now.unknown.includes(word));
  const names = isOpen ? [] : [...new Set([...old.byName.keys(), ...now.byName.keys()])];
  const lacking = names.flatMap((packageName) => {
    const [was = [], is = [], stays = []] = [old, now, live].map(({ byName }) => byName.get(packageName));
    if (same(was, is) || !same(was, stays) || ABOUT_SOURCES.test(packageName)) return [];
    const added = is.filter((text) => !was.includes(text));
    return [{ packageName, added, removed: was.filter((text) => !is.includes(text)) }];
  });
  return {
    names: lacking.map(({ packageName }) => packageName),
    added: lacking.flatMap(({ added }) => added),
    removed: lacking.flatMap(({ removed }) => removed),
  };
}

/** The newest live ebuild that the range does not change, if the changed ebuild is the newest of the others. */
function findLive({ ebuild, others, isChanged }: ReviewedChange): EbuildPath | undefined {
  const { version } = ebuild;
  if (version === undefined || isLive(version)) return undefined;
  const versioned = others.flatMap((other) =>
    other.version === undefined ? [] : [{ path: other, version: other.version }],
  );
  const isNewer = (other: { readonly version: Version }) => compareVersions(other.version, version) > 0;
  if (versioned.some((other) => !isLive(other.version) && isNewer(other))) return undefined;
  const [newest] = versioned
    .filter((other) => isLive(other.version) && isNewer(other))
    .sort((left, right) => compareVersions(right.version, left.version));
  return newest === undefined || isChanged(newest.path.path) ? undefined : newest.path;
}

function isFromLive(from: string | undefined): boolean {
  const version = from === undefined ? undefined : parseEbuildPath(from)?.version;
  return version !== undefined && isLive(version);
}

/** Whether a live ebuild inherits an eclass that the changed ebuild does not, and that may bring atoms. */
function mayBringMore(live: EbuildFacts, changed: EbuildFacts): boolean {
  const known = new Set(changed.inherits.map(({ name }) => name));
  return (
    live.unknownInherits.length > changed.unknownInherits.length ||
    live.inherits.some(({ name }) => !known.has(name) && !FETCHING.has(name))
  );
}

interface VariableAtoms {
  /** The atoms of each package with their conditions, as sorted texts. */
  readonly byName: ReadonlyMap<PackageName, readonly string[]>;
  /** Words of which not even the names of packages are known. */
  readonly unknown: readonly string[];
}

function readAtoms(
  facts: EbuildFacts,
  { category, packageAndVersion }: EbuildIdentity,
): Readonly<Record<DependencyVariable, VariableAtoms>> {
  const predefined = packageVariables(category, packageAndVersion);
  const entries = DEPENDENCY_VARIABLES.map((variable): [DependencyVariable, VariableAtoms] => {
    const { declared, atoms } = declaredWithAtoms(facts, variable, predefined);
    const byName = new Map<PackageName, string[]>();
    for (const placed of atoms) {
      const name = nameOf(placed.atom);
      byName.set(name, [...new Set([...(byName.get(name) ?? []), printPlaced(placed)])].sort());
    }
    const unknown = declared.unresolved.filter(({ namesKnown }) => !namesKnown).map(({ text }) => text);
    return [variable, { byName, unknown }];
  });
  return Object.fromEntries(entries) as Record<DependencyVariable, VariableAtoms>;
}

/** The atom with everything around it that decides about it. */
function printPlaced({ atom, conditions, groups, generator, unknown }: DeclaredAtom): string {
  const around = conditions.map(({ flag, negated }) => `${negated ? '!' : ''}${flag}? ( `).join('');
  const alternative = groups.some((kind) => kind !== 'all-of') ? '|| ( … ' : '';
  const open = unknown.length === 0 ? '' : '…';
  const text = `${around}${alternative}${printAtom(atom)}${open}`;
  const closed = `${text}${alternative === '' ? '' : ' )'}${' )'.repeat(conditions.length)}`;
  return generator === undefined ? closed : `$(${generator} ${closed})`;
}

const same = (left: readonly string[], right: readonly string[]) => left.join('\n') === right.join('\n');
