import { splitPackageName } from '../installed/vdb.ts';
import { canonicalJson } from './canonical-json.ts';
import type { NamedDigest, PortableInputs, PortablePackage, PortableQuestion } from './portable-inputs.ts';
import type { InputsHere } from './read-inputs.ts';

/**
 * Compares the inputs of another's trial with those of this machine.
 *
 * @returns the first difference as a clause, e.g. `it was made with dev-libs/openssl-3.0.13, and here is 3.0.14`; undefined if there is none
 */
export function findDifference(
  theirs: PortableInputs,
  { inputs: here, installed, appeared }: InputsHere,
): string | undefined {
  const [first] = appeared;
  return (
    findOtherQuestion(theirs.question, here.question) ??
    (canonicalJson(theirs.extent) === canonicalJson(here.extent)
      ? undefined
      : 'it is of another kind of trial') ??
    findPackage(theirs.packages, here.packages, installed) ??
    findFile(theirs.binaryPackages ?? [], here.binaryPackages ?? [], 'the binary package ') ??
    findFile(theirs.distfiles, here.distfiles, 'the distfile ') ??
    findFile(theirs.folder, here.folder, '') ??
    findFile(theirs.eclasses, here.eclasses, 'the eclass ') ??
    findFile(theirs.configuration, here.configuration, '') ??
    findPackage(theirs.system.packages, here.system.packages, installed) ??
    (first === undefined ? undefined : `its build did not find ${first}, which is here`) ??
    (theirs.system.digest === here.system.digest
      ? undefined
      : 'files of the system that its build named, and that no package owns, are others here')
  );
}

/** The difference of two questions as a clause. */
export function findOtherQuestion(theirs: PortableQuestion, here: PortableQuestion): string | undefined {
  const other = (what: string, key: keyof PortableQuestion) =>
    theirs[key] === here[key]
      ? undefined
      : `it was made with ${what}${theirs[key]}, and here is ${here[key]}`;
  const name = ({ category, packageAndVersion }: PortableQuestion) => `${category}/${packageAndVersion}`;
  if (name(theirs) !== name(here)) return `it is a record of ${name(theirs)}`;
  return (
    other('the repository ', 'repository') ??
    (theirs.text === here.text ? undefined : 'it was made with another text of the ebuild') ??
    other('', 'packageManager') ??
    other('Ebuild Audit ', 'product') ??
    other('the format of records ', 'recordFormat')
  );
}

function findPackage(
  theirs: readonly PortablePackage[],
  here: readonly PortablePackage[],
  installed: readonly string[],
): string | undefined {
  const byId = new Map(here.map((known) => [known.id, known]));
  for (const made of theirs) {
    const known = byId.get(made.id);
    if (known === undefined) return `it was made with ${made.id}, ${describeAbsence(made.id, installed)}`;
    const difference = comparePackage(made, known);
    if (difference !== undefined) return difference;
  }
  const ids = new Set(theirs.map(({ id }) => id));
  const more = here.find(({ id }) => !ids.has(id));
  return more && `it was made without ${more.id}, which is here`;
}

function describeAbsence(id: string, installed: readonly string[]): string {
  if (installed.includes(id)) return 'which is not used here';
  const name = nameOf(id);
  const others = installed
    .filter((other) => nameOf(other) === name)
    .map((other) => other.slice(name.length + 1));
  return others.length === 0 ? 'which is not installed here' : `and here is ${others.join(' and ')}`;
}

function nameOf(id: string): string {
  const [category = '', pf = ''] = id.split('/');
  return `${category}/${splitPackageName(pf)?.name ?? pf}`;
}

function comparePackage(made: PortablePackage, here: PortablePackage): string | undefined {
  const { id } = made;
  const without = (left: readonly string[], right: readonly string[]) =>
    left.filter((word) => !right.includes(word));
  const [on, off] = [without(made.use, here.use), without(here.use, made.use)];
  if (on.length + off.length > 0) {
    const flags = [...on, ...off.map((name) => `-${name}`)].slice(0, 5).join(' ');
    return `it was made with ${id} with USE="${flags}", which is the other way round here`;
  }
  if (made.slot !== here.slot)
    return `it was made with ${id} in slot ${made.slot}, and here it is in ${here.slot}`;
  if (made.files !== here.files) return `it was made with ${id}, which has other files here`;
  if (canonicalJson(made.roles) !== canonicalJson(here.roles))
    return `it was made with ${id}, which other packages need in another way here`;
  return undefined;
}

function findFile(
  theirs: readonly NamedDigest[],
  here: readonly NamedDigest[],
  kind: string,
): string | undefined {
  const byName = new Map(here.map(({ name, digest }) => [name, digest]));
  for (const { name, digest } of theirs) {
    const known = byName.get(name);
    if (known === undefined) return `it was made with ${kind}${name}, which is not here`;
    if (known !== digest) return `${kind}${name} is another one here`;
    byName.delete(name);
  }
  const [more] = byName.keys();
  return more === undefined ? undefined : `it was made without ${kind}${more}, which is here`;
}
