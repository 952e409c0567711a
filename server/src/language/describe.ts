import { packageVariables } from '../ebuild/package-variables.ts';
import { staticMetadata } from '../ebuild/static-metadata.ts';
import { variableValue } from '../ebuild/variable-value.ts';
import type { Completion } from './completion/completion.ts';
import { describeDocumented, describeEclass } from './describe-eclass.ts';
import { describePackage } from './describe-package.ts';
import type { Description, Paragraph } from './description.ts';
import { type Place, placeAt } from './place.ts';
import { type LanguageSubject, ownPackage } from './subject.ts';
import { findCommand, findInEclasses, findPhase, findVariable } from './vocabulary.ts';
import { VALUES } from './words/values.ts';
import { describeEapis, EAPIS, isIn, type Word } from './words/word.ts';

/** More references are not followed for one value. */
const MOST_REFERENCES = 100;
/** A longer value is not shown. */
const LONGEST_VALUE = 200;

/** Describes the word at a place: a package, a flag, an eclass, its functions and variables, and the words of PMS. Total. May read files. */
export function describeAt(subject: LanguageSubject, offset: number): Description | undefined {
  const place = placeAt(subject.facts, offset);
  if (place === undefined) return undefined;
  const paragraphs = describePlace(subject, place);
  const { start, end } = place;
  return paragraphs === undefined || paragraphs.length === 0
    ? undefined
    : { range: { start, end }, paragraphs };
}

/** Describes a word that a completion offers. */
export function describeCompletion(
  subject: LanguageSubject,
  { kind, text, variable = '' }: Pick<Completion, 'kind' | 'text' | 'variable'>,
): readonly Paragraph[] | undefined {
  const range = { start: 0, end: 0 };
  switch (kind) {
    case 'variable':
    case 'eclass':
      return describePlace(subject, { kind, name: text, ...range });
    case 'phase':
    case 'command':
      return describePlace(subject, { kind: 'command', name: text, ...range });
    case 'value':
      return describePlace(subject, { kind, variable, name: text, ...range });
    case 'package': {
      const [category = '', name = ''] = text.split('/');
      return describePlace(subject, { kind, package: { category, name }, ...range });
    }
    default:
      return undefined;
  }
}

/** Describes what a place names. Total. May read files. */
export function describePlace(subject: LanguageSubject, place: Place): readonly Paragraph[] | undefined {
  const { knowledge } = subject;
  switch (place.kind) {
    case 'variable':
      return describeVariable(subject, place.name);
    case 'function':
    case 'command':
      return describeCommandName(subject, place.name);
    case 'eclass': {
      const found = knowledge?.eclassDocumentation(place.name);
      return found && describeEclass(place.name, found, explainOthers(subject, found.eapis));
    }
    case 'flag':
      return describeFlag(subject, place);
    case 'package':
      return knowledge && describePackage(place.package, knowledge);
    case 'value':
      return describeValue(place.variable, place.name);
  }
}

function describeVariable(subject: LanguageSubject, name: string): readonly Paragraph[] | undefined {
  const value = valueHere(subject, name);
  const synopsis: Paragraph = { kind: 'code', text: value === undefined ? name : `${name}="${value}"` };
  const word = findVariable(name);
  if (word !== undefined) return [synopsis, ...describeWord(word, subject).slice(1)];
  const found = findInEclasses(name, 'variable', subject);
  if (found !== undefined) return describeDocumented(found);
  return value === undefined ? undefined : [synopsis];
}

/** The value of a variable that only the name of the ebuild or a plain assignment gives; undefined for a list, which the author sees. */
function valueHere({ facts, identity }: LanguageSubject, name: string): string | undefined {
  const predefined =
    identity === undefined ? {} : packageVariables(identity.category, identity.packageAndVersion);
  const scope = { facts, predefined, budget: { left: MOST_REFERENCES } };
  const value = variableValue(scope, name, Number.POSITIVE_INFINITY);
  return value === undefined || /\s/.test(value) || value.length > LONGEST_VALUE ? undefined : value;
}

/** Describes a command or a phase function by its name. */
export function describeCommandName(
  subject: LanguageSubject,
  name: string,
): readonly Paragraph[] | undefined {
  const word = findPhase(name) ?? findCommand(name);
  if (word !== undefined) return describeWord(word, subject);
  const found = findInEclasses(name, 'function', subject);
  return found && describeDocumented(found);
}

/** Describes a word of PMS, and says whether the EAPI of the ebuild has it, or each that the eclass supports. */
export function describeWord(word: Word, subject: LanguageSubject): readonly Paragraph[] {
  const { name, kind, usage, where, summary, section } = word;
  const synopsis =
    kind === 'phase' ? `${name}()` : kind === 'command' ? `${name} ${usage ?? ''}`.trim() : name;
  const rows: [string, string][] = [];
  if (where !== undefined) rows.push(['Where', where]);
  const eapis = describeEapis(word);
  if (eapis !== undefined) {
    const having = [...EAPIS, subject.facts.eapi].filter((eapi) => isIn(eapi, word));
    rows.push(['Since', `${eapis}${explainOthers(subject, having)}`]);
  }
  rows.push(['Source', /^\d/.test(section) ? `PMS ${section}` : section]);
  return [
    { kind: 'code', text: synopsis },
    { kind: 'text', text: summary },
    { kind: 'facts', rows },
  ];
}

/** Says which EAPIs of the text are not among those that have something; empty if all are. */
function explainOthers({ facts, eclass }: LanguageSubject, having: readonly string[]): string {
  if (eclass === undefined) return having.includes(facts.eapi) ? '' : `; this ebuild has EAPI ${facts.eapi}`;
  const others = eclass.documentation.eapis.filter((eapi) => !having.includes(eapi));
  return others.length === 0 ? '' : `; this eclass also supports EAPI ${others.join(', ')}`;
}

function describeFlag(
  subject: LanguageSubject,
  place: Place & { readonly kind: 'flag' },
): readonly Paragraph[] | undefined {
  const { facts, knowledge } = subject;
  const owner = place.of ?? ownPackage(subject);
  const { name } = place;
  const said =
    owner === undefined
      ? knowledge?.commonFlags().get(name)
      : knowledge?.describeFlag(owner.category, owner.name, name);
  const rows: [string, string][] = [];
  if (place.of !== undefined) {
    const offering = knowledge
      ?.offered(place.of.category, place.of.name)
      .filter(({ iuse }) => iuse?.includes(name));
    const versions = offering?.map(({ version }) => version) ?? [];
    if (versions.length > 0) rows.push(['Versions', [...new Set(versions)].slice(-8).join(', ')]);
  } else {
    const { values } = staticMetadata(facts);
    const words: readonly string[] = values.IUSE.value?.match(/\S+/g) ?? [];
    if (words.includes(`+${name}`)) rows.push(['Default', 'on']);
    else if (words.includes(name) || words.includes(`-${name}`)) rows.push(['Default', 'off']);
    else if (knowledge?.incomplete === undefined && knowledge?.isImplicitFlag(name) === true)
      rows.push(['Default', 'set by the profile; not in IUSE']);
  }
  if (said === undefined && rows.length === 0) return undefined;
  const title = place.of === undefined ? name : `${place.of.category}/${place.of.name}[${name}]`;
  return [
    { kind: 'code', text: title },
    ...(said === undefined ? [] : [{ kind: 'quote', text: said } as const]),
    ...(rows.length === 0 ? [] : [{ kind: 'facts', rows } as const]),
  ];
}

function describeValue(variable: string, name: string): readonly Paragraph[] | undefined {
  const meaning = VALUES[variable]?.[name];
  if (meaning === undefined || !Object.hasOwn(VALUES[variable] ?? {}, name)) return undefined;
  return [
    { kind: 'code', text: `${variable}="${name}"` },
    { kind: 'text', text: meaning },
  ];
}
