import type { Knowledge } from '../audit/knowledge.ts';
import { describePlace, describeWord } from '../language/describe.ts';
import type { Paragraph } from '../language/description.ts';
import type { LanguageSubject } from '../language/subject.ts';
import { type NamedPackage, nameOf } from '../pms/package-name.ts';
import type { FileWord } from './file-word.ts';
import { findProfileVariable } from './profile-variables.ts';
import type { RepositoryFile } from './repository-file.ts';

/** A file beside the ebuilds, its text and its surroundings. */
export interface FileSubject {
  readonly file: RepositoryFile;
  readonly text: string;
  /** Undefined outside a repository. */
  readonly knowledge: Knowledge | undefined;
}

/** More versions are not shown: the newest decide. */
const MOST_VERSIONS = 12;

/**
 * Describes a word of a file of a repository. Total. May read files.
 *
 * @param fetchedBy the ebuilds that surely fetch a distfile
 */
export function describeFileWord(
  subject: FileSubject,
  word: FileWord,
  fetchedBy: readonly string[] = [],
): readonly Paragraph[] | undefined {
  const { file, knowledge } = subject;
  switch (word.kind) {
    case 'flag':
      return knowledge && describeFlag(word.name, word.of, knowledge);
    case 'distfile': {
      const rows: [string, string][] = [];
      if (word.size !== undefined) rows.push(['Size', describeSize(word.size)]);
      if (fetchedBy.length > 0) rows.push(['Fetched by', fetchedBy.join(', ')]);
      return [
        { kind: 'code', text: word.name },
        { kind: 'facts', rows },
      ];
    }
    case 'file':
    case 'profile':
      return undefined;
    case 'variable': {
      const profile = file.kind === 'list' ? findProfileVariable(word.name) : undefined;
      if (profile !== undefined) return describeWord(profile, languageSubject(subject));
      return describePlace(languageSubject(subject), word) ?? describeGroup(word.name, knowledge);
    }
    default:
      return describePlace(languageSubject(subject), word);
  }
}

/** The file as an ebuild without a text, which has the EAPI of the file. */
function languageSubject({ file, text, knowledge }: FileSubject): LanguageSubject {
  const eapi = file.kind === 'cache' ? (/^EAPI=(.*)$/m.exec(text)?.[1]?.trim() ?? '0') : '8';
  const facts = {
    text: '',
    eapi,
    eapiRange: undefined,
    inherits: [],
    unknownInherits: [],
    assignments: [],
    functions: [],
    commands: [],
    comments: [],
    errors: [],
  };
  return { facts, knowledge, identity: undefined };
}

/** Describes a flag: what it does, and which ebuilds of its package have it. */
function describeFlag(
  flag: string,
  of: NamedPackage | undefined,
  knowledge: Knowledge,
): readonly Paragraph[] | undefined {
  const said = knowledge.describeFlag(of?.category ?? '', of?.name ?? '', flag);
  const common = knowledge.commonFlags().get(flag);
  const rows: [string, string][] = [];
  if (of !== undefined) rows.push(...describeHaving(flag, of, knowledge));
  if (common !== undefined && common !== said) rows.push(['In use.desc', common]);
  if (said === undefined && rows.length === 0) return undefined;
  return [
    { kind: 'code', text: of === undefined ? flag : `${nameOf(of)}[${flag}]` },
    ...(said === undefined ? [] : [{ kind: 'quote', text: said } as const]),
    ...(rows.length === 0 ? [] : [{ kind: 'facts', rows } as const]),
  ];
}

/** The versions of a package that have a flag in IUSE, and those of which only bash knows it. */
function describeHaving(
  flag: string,
  { category, name }: NamedPackage,
  knowledge: Knowledge,
): [string, string][] {
  const ebuilds = knowledge.offered(category, name).filter(({ repository }) => repository !== '');
  const list = (versions: readonly { readonly version: string }[]): string => {
    const names = [...new Set(versions.map(({ version }) => version))];
    const shown = names.slice(-MOST_VERSIONS).reverse().join(', ');
    return names.length > MOST_VERSIONS ? `${shown}, …` : shown;
  };
  const having = ebuilds.filter(({ iuse }) => iuse?.includes(flag));
  const unknown = ebuilds.filter(({ iuse }) => iuse === undefined);
  if (having.length === 0 && unknown.length === 0) {
    const isKnown = ebuilds.length > 0 && knowledge.incomplete === undefined;
    return isKnown ? [['IUSE', 'no ebuild of this package has it']] : [];
  }
  const rows: [string, string][] = [];
  if (having.length === ebuilds.length) rows.push(['IUSE', 'every ebuild of this package has it']);
  else if (having.length > 0) rows.push(['IUSE', list(having)]);
  if (unknown.length > 0) rows.push(['Only bash knows', list(unknown)]);
  return rows;
}

/** Describes a USE_EXPAND group by its variable. */
function describeGroup(variable: string, knowledge: Knowledge | undefined): readonly Paragraph[] | undefined {
  const flags = knowledge?.flagsOfGroup(variable.toLowerCase());
  if (flags === undefined) return undefined;
  const prefix = `${variable.toLowerCase()}_`;
  const words = flags.slice(0, 30).map((flag) => flag.slice(prefix.length));
  return [
    { kind: 'code', text: variable },
    { kind: 'text', text: 'A variable of `USE_EXPAND`: its words are flags with its name before them.' },
    { kind: 'facts', rows: [['Words', `${words.join(' ')}${flags.length > 30 ? ' …' : ''}`]] },
  ];
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `12.3 MiB (12897485 bytes)`. */
function describeSize(bytes: bigint): string {
  let amount = Number(bytes);
  let unit = 'bytes';
  for (const next of UNITS) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = next;
  }
  if (unit === 'bytes') return `${bytes} ${bytes === 1n ? 'byte' : 'bytes'}`;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit} (${bytes} bytes)`;
}
