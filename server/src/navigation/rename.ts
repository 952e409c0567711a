import type { EclassSource } from '../audit/knowledge.ts';
import type { TextEdit } from '../ebuild/text-edit.ts';
import type { OwnEclass } from '../language/subject.ts';
import { PHASES } from '../language/words/phases.ts';
import { findDocumented, isUsedByEclass } from './eclass-names.ts';
import { type NameUses, usesAt } from './name-uses.ts';
import { findOccurrences } from './occurrence.ts';
import type { ReadEbuild } from './read-ebuild.ts';
import { explainReservedFunction, explainReservedVariable } from './reserved-names.ts';

/** The reason why something cannot have another name, one sentence for the user. */
export interface Refusal {
  readonly refusal: string;
}

/** The ebuild or eclass of a request, and the eclasses that it inherits, directly or not. */
export interface NamedEbuild {
  readonly ebuild: ReadEbuild;
  readonly eclasses: () => Iterable<EclassSource>;
  /** Only for an eclass. */
  readonly own?: OwnEclass | undefined;
}

const NAME: Readonly<Record<NameUses['kind'], RegExp>> = {
  variable: /^[A-Za-z_]\w*$/,
  function: /^[A-Za-z_][\w-]*$/,
};
const WORDS_OF_BASH =
  /^(?:if|then|else|elif|fi|case|esac|for|select|while|until|do|done|in|function|time|coproc|local|declare|typeset|export|readonly|unset|return|exit|break|continue|eval|exec|source|set|shift|test|read|echo|printf|cd|true|false|trap|let|command|builtin|die|use|inherit)$/;

/**
 * Finds the variable or function of the text at an offset that may get another name.
 *
 * @returns undefined if there is no name
 */
export function findRenamed(named: NamedEbuild, offset: number): NameUses | Refusal | undefined {
  const { ebuild } = named;
  const found = usesAt(ebuild, offset);
  if (found === undefined) return undefined;
  const { name, kind, uses } = found;
  if (ebuild.facts.errors.length > 0)
    return {
      refusal: `Bash cannot read this ${nounOf(named)}, so not every place of a name is known: correct its syntax first.`,
    };
  if (!uses.some(({ defines }) => defines))
    return { refusal: `This ${nounOf(named)} does not define ${name}, so it cannot have another name here.` };
  const refusal = explainOwner(named, kind, name);
  return refusal === undefined ? found : { refusal };
}

/**
 * The edits that give the variable or function at an offset another name. Comments stay as they are, but for the line with which an eclass
 * documents the name.
 *
 * @returns undefined if there is no name at the offset
 */
export function renameAt(
  named: NamedEbuild,
  offset: number,
  newName: string,
): readonly TextEdit[] | Refusal | undefined {
  const found = findRenamed(named, offset);
  if (found === undefined || 'refusal' in found) return found;
  const { kind, name, uses } = found;
  if (newName === name) return [];
  const refusal = explainNewName(named, kind, newName);
  if (refusal !== undefined) return { refusal };
  const tag = named.own && findDocumented(named.ebuild.facts.text, kind, name);
  return [...(tag === undefined ? [] : [tag]), ...uses].map(({ start, end }) => ({
    start,
    end,
    newText: newName,
  }));
}

function explainNewName(named: NamedEbuild, kind: NameUses['kind'], name: string): string | undefined {
  if (!NAME[kind].test(name))
    return `This is not the name of a ${kind}: use letters, digits and _, and begin with a letter or _.`;
  if (kind === 'function' && WORDS_OF_BASH.test(name))
    return `${name} is a command already: choose another name.`;
  const { facts, tree } = named.ebuild;
  if (findOccurrences(facts.text, tree, name).some((occurrence) => occurrence.kind === kind))
    return `${name} is already used in this ${nounOf(named)}: choose another name.`;
  const owner = explainOwner(named, kind, name);
  return owner === undefined ? undefined : `${name} is taken: choose another name. ${owner}`;
}

const nounOf = ({ own }: NamedEbuild): string => (own === undefined ? 'ebuild' : 'eclass');

/** The reason why those who inherit this eclass may use a name; undefined if they may not. */
function explainPublic(own: OwnEclass, name: string): string | undefined {
  const documented = own.documentation.names.get(name);
  if (documented !== undefined && !documented.isInternal)
    return `${own.name}.eclass documents ${name} for ebuilds, which may use it: rename it by hand there too, or mark it @INTERNAL first.`;
  const phase = PHASES.find((word) => name === `${own.name}_${word.name}`)?.name;
  return phase && `EXPORT_FUNCTIONS finds ${name} by this name, so it cannot have another one.`;
}

/** The reason why a name has its meaning outside the text; undefined if it is the text's own. */
function explainOwner(
  { eclasses, own }: NamedEbuild,
  kind: NameUses['kind'],
  name: string,
): string | undefined {
  const reserved = kind === 'variable' ? explainReservedVariable(name) : explainReservedFunction(name);
  if (reserved !== undefined) return reserved;
  const shared = own && explainPublic(own, name);
  if (shared !== undefined) return shared;
  for (const eclass of eclasses())
    if (eclass.name !== own?.name && isUsedByEclass(eclass.text, kind, name))
      return `${eclass.name}.eclass uses the ${kind} ${name}, so it cannot have another name.`;
  return undefined;
}
