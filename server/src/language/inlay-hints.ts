import { type DeclaredAtom, declaredWithAtoms } from '../ebuild/declared.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { DEPENDENCY_VARIABLES } from '../pms/dependency-variable.ts';
import { matchesVersion } from '../pms/match.ts';
import type { OfferedPackage } from '../pms/offered-package.ts';
import { nameOf } from '../pms/package-name.ts';
import type { TextRange } from '../pms/text-range.ts';
import type { UseKind } from '../trace/use-kind.ts';
import type { LanguageSubject } from './subject.ts';

/** A few words behind an atom. */
export interface InlayHint {
  /** The end of the atom. */
  readonly position: number;
  readonly label: string;
  readonly tooltip: string;
}

/** How a trial has used packages, by `category/name`. */
export type PackageUses = ReadonlyMap<string, readonly UseKind[]>;

const WORDS: Readonly<Record<UseKind, string>> = {
  program: 'program',
  'build-module': 'module',
  header: 'header',
  library: 'library',
  'pkg-config': '.pc',
  cmake: 'CMake',
  description: 'description',
  data: 'data',
  linked: 'linked',
  interpreter: 'interpreter',
  named: 'named',
};

/**
 * Says behind each atom which version satisfies it, the installed one or else the newest that is offered, and what the last trial used the
 * package for.
 *
 * @param uses of the last trial; undefined if there is none
 * @param within only atoms in this part of the text
 */
export function inlayHints(
  subject: LanguageSubject,
  uses: PackageUses | undefined,
  within: TextRange,
): readonly InlayHint[] {
  const { facts, knowledge, identity } = subject;
  if (knowledge === undefined) return [];
  const predefined = identity && packageVariables(identity.category, identity.packageAndVersion);
  const hints = new Map<number, InlayHint>();
  for (const variable of DEPENDENCY_VARIABLES) {
    for (const declared of declaredWithAtoms(facts, variable, predefined).atoms) {
      const { range, atom, viaVariable } = declared;
      if (atom.blocker !== '' || range.end < within.start || range.start > within.end || hints.has(range.end))
        continue;
      if (viaVariable !== undefined && facts.text[range.start] === '$') continue;
      const hint = hintFor(declared, knowledge, uses?.get(nameOf(atom)));
      if (hint !== undefined) hints.set(range.end, hint);
    }
  }
  return [...hints.values()];
}

function hintFor(
  { atom, range, unknown }: DeclaredAtom,
  knowledge: NonNullable<LanguageSubject['knowledge']>,
  kinds: readonly UseKind[] | undefined,
): InlayHint | undefined {
  const satisfies = ({ version, slot }: OfferedPackage) =>
    (unknown.includes('version') || matchesVersion(atom, version)) &&
    (atom.slot === undefined || slot === undefined || atom.slot === slot);
  const installed = knowledge.installed(atom.category, atom.name).filter(satisfies).at(-1);
  const offered = knowledge
    .offered(atom.category, atom.name)
    .filter(({ repository }) => repository !== '')
    .filter(satisfies)
    .at(-1);
  const version = installed ?? offered;
  const used = [...new Set(kinds?.map((kind) => WORDS[kind]))];
  if (version === undefined && used.length === 0) return undefined;
  const label = [
    ...(version === undefined ? [] : [version.version]),
    ...(used.length === 0 ? [] : [used.join(', ')]),
  ].join(' · ');
  const sentences = [
    ...(installed !== undefined ? [`${installed.version} is installed.`] : []),
    ...(installed === undefined && offered !== undefined
      ? [
          `${offered.version} is offered by ${offered.repository}, and no version is installed that satisfies the atom.`,
        ]
      : []),
    ...(used.length === 0 ? [] : [`The last trial used: ${used.join(', ')}.`]),
  ];
  return { position: range.end, label, tooltip: sentences.join(' ') };
}
