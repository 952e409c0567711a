import { parseAtom } from './atom.ts';

/** `category/name` (PMS 3.1). */
export type PackageName = `${string}/${string}`;

/** The two parts of the name of a package. */
export interface NamedPackage {
  readonly category: string;
  readonly name: string;
}

/** The name of an atom's package, or of a package. */
export function nameOf({ category, name }: NamedPackage): PackageName {
  return `${category}/${name}`;
}

/** The name in the text of an atom, whatever version, slot and flags it asks for; undefined for a text that is not an atom. */
export function nameInAtom(text: string): PackageName | undefined {
  const { atom, errors } = parseAtom(text);
  return atom === undefined || errors.length > 0 ? undefined : nameOf(atom);
}
