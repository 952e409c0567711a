import type { EclassSource } from '../audit/knowledge.ts';
import type { TextEdit } from '../ebuild/text-edit.ts';
import { isUsedByEclass } from './eclass-names.ts';
import { type NameUses, usesAt } from './name-uses.ts';
import { findOccurrences } from './occurrence.ts';
import type { ReadEbuild } from './read-ebuild.ts';
import { explainReservedFunction, explainReservedVariable } from './reserved-names.ts';

/** The reason why something cannot have another name, one sentence for the user. */
export interface Refusal {
  readonly refusal: string;
}

/** The ebuild of a request, and the eclasses that it inherits, directly or not. */
export interface NamedEbuild {
  readonly ebuild: ReadEbuild;
  readonly eclasses: () => Iterable<EclassSource>;
}

const NAME: Readonly<Record<NameUses['kind'], RegExp>> = {
  variable: /^[A-Za-z_]\w*$/,
  function: /^[A-Za-z_][\w-]*$/,
};
const WORDS_OF_BASH =
  /^(?:if|then|else|elif|fi|case|esac|for|select|while|until|do|done|in|function|time|coproc|local|declare|typeset|export|readonly|unset|return|exit|break|continue|eval|exec|source|set|shift|test|read|echo|printf|cd|true|false|trap|let|command|builtin|die|use|inherit)$/;

/**
 * Finds the variable or function of the ebuild at an offset that may get another name.
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
      refusal:
        'Bash cannot read this ebuild, so not every place of a name is known: correct its syntax first.',
    };
  if (!uses.some(({ defines }) => defines))
    return { refusal: `This ebuild does not define ${name}, so it cannot have another name here.` };
  const refusal = explainOwner(named, kind, name);
  return refusal === undefined ? found : { refusal };
}

/**
 * The edits that give the variable or function at an offset another name. Comments stay as they are.
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
  return uses.map(({ start, end }) => ({ start, end, newText: newName }));
}

function explainNewName(named: NamedEbuild, kind: NameUses['kind'], name: string): string | undefined {
  if (!NAME[kind].test(name))
    return `This is not the name of a ${kind}: use letters, digits and _, and begin with a letter or _.`;
  if (kind === 'function' && WORDS_OF_BASH.test(name))
    return `${name} is a command already: choose another name.`;
  const { facts, tree } = named.ebuild;
  if (findOccurrences(facts.text, tree, name).some((occurrence) => occurrence.kind === kind))
    return `${name} is already used in this ebuild: choose another name.`;
  const owner = explainOwner(named, kind, name);
  return owner === undefined ? undefined : `${name} is taken: choose another name. ${owner}`;
}

/** The reason why a name has its meaning outside the ebuild; undefined if it is the ebuild's own. */
function explainOwner({ eclasses }: NamedEbuild, kind: NameUses['kind'], name: string): string | undefined {
  const reserved = kind === 'variable' ? explainReservedVariable(name) : explainReservedFunction(name);
  if (reserved !== undefined) return reserved;
  for (const eclass of eclasses())
    if (isUsedByEclass(eclass.text, kind, name))
      return `${eclass.name}.eclass uses the ${kind} ${name}, so it cannot have another name.`;
  return undefined;
}
