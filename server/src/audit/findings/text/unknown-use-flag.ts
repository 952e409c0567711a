import { declareUseFlag } from '../../../ebuild/edit/use-flag.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import type { DependencyNode } from '../../../pms/dependency.ts';
import { nameOf } from '../../../pms/package-name.ts';
import { hasChildren, type Item, type SpecificationNode } from '../../../pms/specification.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import type { UseDependency } from '../../../pms/use-dependency.ts';
import { asFix, type Finding, type Fix } from '../../finding.ts';
import type { Knowledge } from '../../knowledge.ts';
import { nearestWords } from '../../nearest-name.ts';
import {
  certainAtoms,
  isAlternative,
  isOwnPackage,
  offeredPackages,
  type PlacedAtom,
  type TextSubject,
} from '../../subject.ts';
import { matchesIgnoringUse } from './unknown-version.ts';

/**
 * `unknown-use-flag`: a condition, REQUIRED_USE or a USE dependency such as `[flag?]` names a flag that is neither in
 * IUSE (including that of the eclasses) nor implicit (PMS 8.2.2, 8.3.4). Or a USE dependency without a default names
 * a flag that no matching package has. The first needs no knowledge of packages, so an incomplete root does not matter.
 */
export function findUnknownUseFlags(subject: TextSubject): Finding[] {
  const { knowledge } = subject;
  if (knowledge === undefined) return [];
  const own = ownFlags(subject, knowledge);
  return [
    ...(own === undefined ? [] : findOwn(subject, knowledge, own)),
    ...(knowledge.incomplete === undefined
      ? certainAtoms(subject).flatMap((placed) => findOthers(subject, knowledge, placed))
      : []),
  ];
}

/**
 * Flags of the groups that profiles make implicit (PMS 11.1.1), and architectures of Gentoo Prefix. The profile of a root that lacks
 * repositories may not have all of them.
 */
const MAYBE_IMPLICIT = /^(?:elibc_|kernel_|userland_|prefix)|-(?:macos|linux|solaris|cygwin|winnt|aix|hpux)$/;

function isImplicit(knowledge: Knowledge, flag: string): boolean {
  if (knowledge.isImplicitFlag(flag)) return true;
  return knowledge.incomplete !== undefined && MAYBE_IMPLICIT.test(flag);
}

/** The flags of IUSE, including those of the eclasses; undefined if only bash knows them all. */
function ownFlags({ metadata, facts }: TextSubject, knowledge: Knowledge): ReadonlySet<string> | undefined {
  if (metadata.iuse === undefined || !metadata.inheritsKnown) return undefined;
  const flags = new Set(metadata.iuse);
  for (const { name } of facts.inherits) {
    const iuse = knowledge.eclass(name)?.iuse;
    if (iuse === undefined) return undefined;
    for (const flag of iuse) flags.add(flag);
  }
  return flags;
}

interface Use extends TextRange {
  readonly flag: string;
}

function findOwn(subject: TextSubject, knowledge: Knowledge, own: ReadonlySet<string>): Finding[] {
  const isUnknown = ({ flag }: { readonly flag: string }) => !own.has(flag) && !isImplicit(knowledge, flag);
  const unknown: Use[] = [
    ...subject.dependencies.flatMap(({ nodes }) => conditionsOf(nodes)).filter(isUnknown),
    ...subject.specifications.flatMap(({ parsed }) => conditionsOf(parsed.nodes)).filter(isUnknown),
    ...subject.atoms.flatMap((placed) =>
      placed.generator !== undefined
        ? []
        : placed.atom.use
            .filter((use) => use.form !== 'enabled' && use.form !== 'disabled' && isUnknown(use))
            .map((use) => ({ flag: use.flag, ...rangeOfFlag(subject, placed, use) })),
    ),
  ];
  const near = nearestFlags(unknown, () => own);
  return unknown.map(({ flag, ...place }, index) => {
    const range = trimToFlag(subject, place, flag);
    const other = near.get(flag);
    const fixes =
      index >= MOST_OFFERS
        ? []
        : [
            ...rename(subject, range, flag, other),
            ...offer(`Add ${flag} to IUSE`, declareUseFlag(subject.facts, flag)),
          ];
    const remedy =
      other === undefined
        ? 'add it there, or use another flag'
        : `perhaps you mean ${other}; or add it there`;
    return {
      code: 'unknown-use-flag',
      severity: 'error',
      message: `The flag ${flag} is not in IUSE: ${remedy}.`,
      range,
      evidence: [],
      ...asOffers(fixes),
      about: [],
    };
  });
}

/** The similar flags. Of one or two letters, only the case may be wrong: nearly every other flag of that length is similar. */
function nearestFlags(
  unknown: readonly { readonly flag: string }[],
  flags: () => ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const near = nearestWords(
    unknown.map(({ flag }) => flag),
    flags,
  );
  return new Map(
    [...near].filter(([flag, other]) => flag.length > 2 || flag.toLowerCase() === other.toLowerCase()),
  );
}

/** Limit in findings with quick fixes: each takes a time that grows with the text. */
const MOST_OFFERS = 100;

function offer(title: string, edits: readonly TextEdit[]): Fix[] {
  const fix = asFix(title, edits, false);
  return fix === undefined ? [] : [fix];
}

/** The change of a flag to a similar one; none if the flag is not written here as it is. */
function rename(
  { facts }: TextSubject,
  { start, end }: TextRange,
  flag: string,
  other: string | undefined,
): Fix[] {
  if (other === undefined || facts.text.slice(start, end) !== flag) return [];
  return offer(`Change to ${other}`, [{ start, end, newText: other }]);
}

/** The first fix, and the others as alternatives of it. */
function asOffers([fix, ...alternatives]: readonly Fix[]): Pick<Finding, 'fix' | 'alternatives'> {
  return {
    ...(fix === undefined ? {} : { fix }),
    ...(alternatives.length === 0 ? {} : { alternatives }),
  };
}

/** Every flag that a tree has as a condition or as an item, with its range. */
function conditionsOf(nodes: readonly SpecificationNode<Item>[] | readonly DependencyNode[]): Use[] {
  return nodes.flatMap((node: SpecificationNode<Item>): Use[] => {
    if (hasChildren(node)) {
      const inside = conditionsOf(node.children);
      if (node.kind !== 'use-conditional' || node.opaque) return inside;
      return [{ flag: node.flag, start: node.start, end: node.end }, ...inside];
    }
    if (node.kind !== 'flag') return [];
    return [{ flag: node.text.replace(/^!/, ''), start: node.start, end: node.end }];
  });
}

function trimToFlag({ facts }: TextSubject, { start, end }: TextRange, flag: string): TextRange {
  const begin = facts.text[start] === '!' ? start + 1 : start;
  return facts.text.startsWith(flag, begin) && begin + flag.length <= end
    ? { start: begin, end: begin + flag.length }
    : { start, end };
}

function findOthers(subject: TextSubject, knowledge: Knowledge, placed: PlacedAtom): Finding[] {
  const { atom } = placed;
  if (atom.blocker !== '' || atom.use.length === 0 || isOwnPackage(subject, atom)) return [];
  const candidates = offeredPackages(knowledge, atom).filter((candidate) =>
    matchesIgnoringUse(atom, candidate),
  );
  if (candidates.length === 0) return [];
  const lacking = atom.use.filter(
    (use) =>
      use.missing === '' &&
      candidates.every(({ iuse }) => iuse !== undefined && !iuse.includes(use.flag)) &&
      !knowledge.isImplicitFlag(use.flag),
  );
  const near = nearestFlags(lacking, () => new Set(candidates.flatMap(({ iuse }) => iuse ?? [])));
  const whose = nameOf(atom);
  return lacking.map((use) => {
    const { flag } = use;
    const range = rangeOfFlag(subject, placed, use);
    const other = near.get(flag);
    const isWritten = subject.facts.text.slice(range.start, range.end) === flag;
    const defaults = ['(-)', '(+)'].flatMap((missing) =>
      offer(`Write ${flag}${missing}`, [{ start: range.end, end: range.end, newText: missing }]),
    );
    const remedy = other === undefined ? 'remove it' : `perhaps you mean ${other}; or remove it`;
    return {
      code: 'unknown-use-flag',
      severity: isAlternative(placed) ? 'warning' : 'error',
      message: `No ebuild that matches ${whose} has the flag ${flag}: ${remedy}, or write ${flag}(+) or ${flag}(-) for packages without it.`,
      range,
      evidence: [],
      ...asOffers([...rename(subject, range, flag, other), ...(isWritten ? defaults : [])]),
      about: [whose],
    };
  });
}

/** The range of the flag in the brackets of the atom; the whole word if the flag comes from a variable. */
function rangeOfFlag({ facts }: TextSubject, { range }: PlacedAtom, { flag }: UseDependency): TextRange {
  const word = facts.text.slice(range.start, range.end);
  const bracket = word.indexOf('[');
  for (let at = bracket; at >= 0; at = word.indexOf(flag, at + 1)) {
    const isWhole =
      at > bracket && /[[,!-]/.test(word[at - 1] ?? '') && /[\],(?=]/.test(word[at + flag.length] ?? '');
    if (isWhole && word.startsWith(flag, at))
      return { start: range.start + at, end: range.start + at + flag.length };
  }
  return { start: range.start, end: range.end };
}
