import { readPartialAtom } from '../../ebuild/partial-atom.ts';
import { parseAtom } from '../../pms/atom.ts';
import type { Finding } from '../finding.ts';

/**
 * The package that a finding is about, as category/name; undefined where it is about none.
 *
 * @param text what was judged
 */
export function subjectOf(finding: Finding, text: string): string | undefined {
  return statedBy(finding) ?? ownerOf(finding) ?? atomAt(finding, text);
}

/** Every name that an author may call the package by: a virtual, and the package that stands for it. */
export function subjectsOf(finding: Finding, text: string): readonly string[] {
  return [statedBy(finding), ownerOf(finding), atomAt(finding, text)].filter((name) => name !== undefined);
}

function statedBy({ subject }: Finding): string | undefined {
  return subject === undefined ? undefined : nameOf(subject);
}

function ownerOf({ why }: Finding): string | undefined {
  return why?.owner === undefined ? undefined : nameOf(`=${why.owner}`);
}

function atomAt({ range }: Finding, text: string): string | undefined {
  return nameOf(text.slice(range.start, range.end));
}

function nameOf(text: string): string | undefined {
  const { atom, errors } = parseAtom(text);
  const read = errors.length === 0 && atom !== undefined ? atom : readPartialAtom(text)?.atom;
  return read === undefined ? undefined : `${read.category}/${read.name}`;
}
