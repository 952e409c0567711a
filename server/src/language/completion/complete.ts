import { staticMetadata } from '../../ebuild/static-metadata.ts';
import type { TextRange } from '../../pms/text-range.ts';
import { DEPENDENCY_VALUE, TAKES_ATOM, takesFlag } from '../contexts.ts';
import { assignmentAt, wordAround } from '../place.ts';
import { ownPackage } from '../subject.ts';
import { completeAtom } from './complete-atom.ts';
import { completeAtLineStart, completeCommand, completeExported, completeVariable } from './complete-code.ts';
import { completeComment } from './complete-comment.ts';
import { completeValue } from './complete-value.ts';
import {
  type Candidate,
  type Completions,
  NONE,
  offer,
  type Request,
  toCandidates,
  withDetail,
} from './completion.ts';

/**
 * Gives the words that can be written at an offset of an ebuild. Total. May read files.
 *
 * In dependency strings these are categories, packages, versions after an operator, slots after `:` and flags after `[`; in the other
 * variables of PMS what they may have; after `inherit` eclasses; after `$` variables; in functions the commands of PMS and of the inherited
 * eclasses; at the beginning of a line the variables and phase functions that are not there yet.
 */
export function complete(request: Request): Completions {
  const { facts, offset } = request;
  const { text } = facts;
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(lineStart, offset);
  if (/^\s*inherit\s[^#;]*$/.test(line)) return completeEclass(request);
  if (/^\s*EXPORT_FUNCTIONS\s[^#;]*$/.test(line)) return completeExported(request);
  const variable = /\$\{?(\w*)$/.exec(line);
  if (variable !== null) return completeVariable(request, offset - (variable[1] ?? '').length);
  const assignment = assignmentAt(facts, offset);
  const isDependency = assignment?.context !== 'function' && DEPENDENCY_VALUE.test(assignment?.name ?? '');
  if (isDependency) return assignment?.quote === 'array' ? NONE : completeAtom(request, ownFlags(request));
  const command = facts.commands.filter(({ start, end }) => start <= offset && offset <= end + 1).at(-1);
  if (assignment !== undefined && (command === undefined || command.start < assignment.start))
    return completeValue(request, assignment, ownFlags(request));
  if (assignment === undefined && /(?:^|\s)#[^"']*$/.test(line))
    return request.eclass === undefined ? completeComment(request, lineStart) : NONE;
  if (command !== undefined && offset > command.start + command.name.length) {
    if (takesFlag(text, command, offset)) return completeFlag(request);
    return TAKES_ATOM.test(command.name) ? completeAtom(request, []) : NONE;
  }
  return /^\w*$/.test(line) ? completeAtLineStart(request, lineStart) : completeCommand(request, line);
}

function completeEclass(request: Request): Completions {
  const range: TextRange = wordAround(request.facts.text, request.offset, /[\w.+-]/);
  const names = request.knowledge?.eclassNames() ?? [];
  return offer(toCandidates(names), 'eclass', request, range);
}

function completeFlag(request: Request): Completions {
  const range = wordAround(request.facts.text, request.offset, /[\w+@-]/);
  return offer(describeFlags(request), 'flag', request, range);
}

/** The flags of the ebuild's own IUSE. */
function ownFlags({ facts }: Request): readonly string[] {
  return staticMetadata(facts).iuse ?? [];
}

function describeFlags(request: Request): Candidate[] {
  const own = ownPackage(request);
  return ownFlags(request).map((flag) =>
    withDetail(flag, own && request.knowledge?.describeFlag(own.category, own.name, flag)),
  );
}
