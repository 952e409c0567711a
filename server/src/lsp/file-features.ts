import { dirname, resolve } from 'node:path';
import type {
  CompletionList,
  CompletionParams,
  DocumentLink,
  DocumentLinkParams,
  DocumentSymbol,
  DocumentSymbolParams,
  FoldingRange,
  FoldingRangeParams,
  Hover,
  HoverParams,
  Location,
  TextDocumentPositionParams,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Knowledge } from '../audit/knowledge.ts';
import type { LiveText } from '../ebuild/live-text.ts';
import { completeFile } from '../repository-files/file-completion.ts';
import { linksOfFile } from '../repository-files/file-links.ts';
import type { FileWord } from '../repository-files/file-word.ts';
import { foldsOfList, outlineOfList } from '../repository-files/list-blocks.ts';
import { type RepositoryFile, repositoryFileAt } from '../repository-files/repository-file.ts';
import { defineFileWord } from '../repository-files/word-definition.ts';
import { describeFileWord, type FileSubject } from '../repository-files/word-description.ts';
import { fileWordAt } from '../repository-files/word-lookup.ts';
import type { ClientFeatures } from './client.ts';
import { createDistfileSearch } from './distfile-search.ts';
import { toPath } from './from-protocol.ts';
import { toHover } from './hover.ts';
import { toDocumentLink, toLocation } from './locations.ts';
import { toFoldingRanges, toSymbol } from './outline.ts';
import { toCompletionList } from './to-protocol.ts';

/**
 * The answers about the files of a repository that are neither ebuilds nor eclasses: metadata.xml, Manifest, md5-cache and profiles/. Each is
 * undefined for another document, which somebody else answers for.
 */
export interface FileFeatures {
  /** Handles that a document was opened or that its text has changed. @returns whether it is one of these files */
  changed(document: TextDocument): boolean;
  /** @returns whether it was one of these files */
  closed(uri: string): boolean;
  hover(params: HoverParams): Promise<Hover | undefined> | undefined;
  completion(params: CompletionParams): CompletionList | undefined;
  definitions(params: TextDocumentPositionParams): Promise<Location[]> | undefined;
  symbols(params: DocumentSymbolParams): DocumentSymbol[] | undefined;
  links(params: DocumentLinkParams): DocumentLink[] | undefined;
  folds(params: FoldingRangeParams): FoldingRange[] | undefined;
}

/** What these answers are made of. */
export interface FileFeaturesInput {
  readonly features: ClientFeatures;
  /** What is known of the surroundings of a file; undefined outside a repository. */
  knowledgeFor(uri: string): Knowledge | undefined;
  /** Handles that the first file was opened. */
  begin(uri: string): void;
  openText(): LiveText;
  /** The text of a file; rejects if it cannot be read. */
  readFile(path: string): Promise<string>;
}

interface OpenFile {
  readonly document: TextDocument;
  readonly file: RepositoryFile;
}

export function createFileFeatures(input: FileFeaturesInput): FileFeatures {
  const { features, knowledgeFor, readFile } = input;
  const open = new Map<string, OpenFile>();
  const searchDistfile = createDistfileSearch(input);
  const subjectOf = (uri: string): (FileSubject & OpenFile) | undefined => {
    const opened = open.get(uri);
    return opened && { ...opened, text: opened.document.getText(), knowledge: knowledgeFor(uri) };
  };
  /** Answers a request about a position. */
  const at = <Answer>(
    { textDocument: { uri }, position }: TextDocumentPositionParams,
    answer: (subject: FileSubject & OpenFile, word: FileWord | undefined, offset: number) => Answer,
  ): Answer | undefined => {
    const subject = subjectOf(uri);
    if (subject === undefined) return undefined;
    const offset = subject.document.offsetAt(position);
    return answer(subject, fileWordAt(subject.file, subject.text, offset), offset);
  };
  return {
    changed(document) {
      const file = fileOf(document.uri);
      if (file === undefined) return false;
      if (!open.has(document.uri)) input.begin(document.uri);
      open.set(document.uri, { document, file });
      return true;
    },
    closed: (uri) => open.delete(uri),

    hover: (params) =>
      at(params, async (subject, word, offset) => {
        if (word === undefined) return undefined;
        const found = word.kind === 'distfile' ? await searchDistfile(subject, word.name) : [];
        const names = found.map(({ packageAndVersion }) => packageAndVersion);
        const paragraphs = describeFileWord(subject, word, names);
        if (paragraphs === undefined || paragraphs.length === 0) return undefined;
        const description = { range: { start: word.start, end: word.end }, paragraphs };
        return toHover(subject.document, { findings: [], description }, offset, features);
      }),

    completion: (params) =>
      at(params, (subject, _word, offset) =>
        toCompletionList(subject.document, completeFile(subject, offset), features),
      ),

    definitions: (params) =>
      at(params, async (subject, word) => {
        const { document } = subject;
        if (word?.kind === 'distfile')
          return (await searchDistfile(subject, word.name)).map(({ place }) => toLocation(document, place));
        if (word?.kind === 'profile') return findProfile(document, word.path, readFile);
        return defineFileWord(subject, word).map((place) => toLocation(document, place));
      }),

    symbols({ textDocument: { uri } }) {
      const subject = subjectOf(uri);
      if (subject === undefined) return undefined;
      const { document, file, text } = subject;
      return hasBlocks(file) ? outlineOfList(text).map((entry) => toSymbol(document, entry)) : [];
    },

    links({ textDocument: { uri } }) {
      const subject = subjectOf(uri);
      return subject && linksOfFile(subject).map((link) => toDocumentLink(subject.document, link));
    },

    folds({ textDocument: { uri } }) {
      const subject = subjectOf(uri);
      if (subject === undefined) return undefined;
      return subject.file.kind === 'list' ? toFoldingRanges(subject.document, foldsOfList(subject.text)) : [];
    },
  };
}

/** What the document of a URI is. Total. */
function fileOf(uri: string): RepositoryFile | undefined {
  const path = toPath(uri);
  return path === undefined ? undefined : repositoryFileAt(path);
}

/** Whether the comments of a file are about the entries below them. */
function hasBlocks(file: RepositoryFile): boolean {
  return file.kind === 'list' && ['packages', 'versions', 'package-flags', 'flags'].includes(file.form);
}

/** The files of a profile, in the order in which one stands for it. */
const PROFILE_FILES = ['make.defaults', 'parent', 'eapi', 'packages', 'package.mask', 'use.mask'];

/** The file that stands for a profile, which a file `parent` names by a path from its own folder (PMS 5.2.1). */
async function findProfile(
  document: TextDocument,
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<Location[]> {
  const own = toPath(document.uri);
  // Paths of other repositories have their name before them: `gentoo:base`.
  if (own === undefined || !/^[\w./+-]+$/.test(path) || path.startsWith('/')) return [];
  for (const name of PROFILE_FILES) {
    const file = resolve(dirname(own), path, name);
    if ((await readFile(file).catch(() => undefined)) !== undefined)
      return [toLocation(document, { file, line: 0, character: 0 })];
  }
  return [];
}
