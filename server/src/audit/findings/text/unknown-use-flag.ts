import type { DependencyNode } from '../../../pms/dependency.ts';
import { nameOf } from '../../../pms/package-name.ts';
import { hasChildren, type Item, type SpecificationNode } from '../../../pms/specification.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import type { UseDependency } from '../../../pms/use-dependency.ts';
import type { Finding } from '../../finding.ts';
import type { Knowledge } from '../../knowledge.ts';
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
 * a flag that no matching package has.
 */
export function findUnknownUseFlags(subject: TextSubject): Finding[] {
  const { knowledge } = subject;
  if (knowledge === undefined || knowledge.incomplete !== undefined) return [];
  const own = ownFlags(subject, knowledge);
  return [
    ...(own === undefined ? [] : findOwn(subject, knowledge, own)),
    ...certainAtoms(subject).flatMap((placed) => findOthers(subject, knowledge, placed)),
  ];
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
  const used: Use[] = [
    ...subject.dependencies.flatMap(({ nodes }) => conditionsOf(nodes)),
    ...subject.specifications.flatMap(({ parsed }) => conditionsOf(parsed.nodes)),
    ...subject.atoms.flatMap((placed) =>
      placed.generator !== undefined
        ? []
        : placed.atom.use
            .filter(({ form }) => form !== 'enabled' && form !== 'disabled')
            .map((use) => ({ flag: use.flag, ...rangeOfFlag(subject, placed, use) })),
    ),
  ];
  return used
    .filter(({ flag }) => !own.has(flag) && !knowledge.isImplicitFlag(flag))
    .map(({ flag, ...range }) => ({
      code: 'unknown-use-flag',
      severity: 'error',
      message: `The flag ${flag} is not in IUSE: add it there, or use another flag.`,
      range: trimToFlag(subject, range, flag),
      evidence: [],
      about: [],
    }));
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
  return atom.use.flatMap((use) => {
    const lacking = candidates.every(
      (candidate) => candidate.iuse !== undefined && !candidate.iuse.includes(use.flag),
    );
    if (use.missing !== '' || !lacking || knowledge.isImplicitFlag(use.flag)) return [];
    const whose = nameOf(atom);
    return [
      {
        code: 'unknown-use-flag',
        severity: isAlternative(placed) ? 'warning' : 'error',
        message: `No ebuild that matches ${whose} has the flag ${use.flag}: remove it, or write ${use.flag}(+) or ${use.flag}(-) for packages without it.`,
        range: rangeOfFlag(subject, placed, use),
        evidence: [],
        about: [whose],
      },
    ];
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
