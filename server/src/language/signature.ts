import type { Command } from '../ebuild/ebuild-facts.ts';
import type { TextRange } from '../pms/text-range.ts';
import { describeCommandName } from './describe.ts';
import type { Paragraph } from './description.ts';
import type { LanguageSubject } from './subject.ts';
import { findCommand, findInEclasses } from './vocabulary.ts';

/** The arguments of the command that is being written. */
export interface Signature {
  /** The name and the arguments: `usex [!]<flag> [<if on>]`. */
  readonly label: string;
  /** The place of each argument in the label. */
  readonly parameters: readonly TextRange[];
  /** The argument at the place; that of the last parameter if it may be repeated; undefined beyond the last. */
  readonly active: number | undefined;
  readonly paragraphs: readonly Paragraph[];
}

/** Gives the arguments of the command around a place: of PMS, or of an inherited eclass. Total. May read files. */
export function signatureAt(subject: LanguageSubject, offset: number): Signature | undefined {
  const { facts } = subject;
  const command = facts.commands
    .filter(
      ({ name, start, end }) => start + name.length < offset && offset <= endOfLine(facts.text, start, end),
    )
    .at(-1);
  if (command === undefined) return undefined;
  const usage = usageOf(subject, command.name);
  if (usage === undefined || usage === '') return undefined;
  const label = `${command.name} ${usage}`;
  const parameters = readParameters(label, command.name.length + 1);
  const index = countArguments(facts.text, command, offset);
  const repeats = label.includes('…') || label.includes('...');
  const active = index < parameters.length ? index : repeats ? parameters.length - 1 : undefined;
  return {
    label,
    parameters,
    active,
    paragraphs: describeCommandName(subject, command.name)?.slice(1) ?? [],
  };
}

/** The end of a command with the blanks after it, where its next argument is written. */
function endOfLine(text: string, start: number, end: number): number {
  let at = end;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return start < at ? at : end;
}

function usageOf(subject: LanguageSubject, name: string): string | undefined {
  const word = findCommand(name);
  if (word !== undefined) return word.usage;
  return findInEclasses(name, 'function', subject)?.documented.usage;
}

/** The arguments that a synopsis names: `<…>`, or a word between brackets. Options such as `[-r]` are none. */
function readParameters(label: string, from: number): TextRange[] {
  const found: TextRange[] = [];
  const pattern = /<[^<>]+>|\[(?!-)[^[\]<>]+\]/g;
  pattern.lastIndex = from;
  for (let match = pattern.exec(label); match !== null; match = pattern.exec(label))
    if (match[0] !== '[!]') found.push({ start: match.index, end: match.index + match[0].length });
  return found;
}

/** The number of arguments before a place, without options. A blank in quotes or in an expansion ends no argument. */
function countArguments(text: string, { name, start }: Command, offset: number): number {
  const written = text.slice(start + name.length, offset);
  const words = written.match(/(?:"[^"]*"?|'[^']*'?|\$\([^)]*\)?|\\.|[^\s"'\\])+/g) ?? [];
  const begun = /\s$/.test(written) ? words : words.slice(0, -1);
  return begun.filter((word) => !/^-[A-Za-z]/.test(word)).length;
}
