import { basename, dirname } from 'node:path';
import {
  type Connection,
  type DocumentHighlight,
  DocumentHighlightKind,
  type DocumentLink,
  type DocumentLinkParams,
  type DocumentSymbol,
  type DocumentSymbolParams,
  ErrorCodes,
  type FoldingRange,
  type FoldingRangeParams,
  type Location,
  type Position,
  type PrepareRenameParams,
  type Range,
  type ReferenceParams,
  type RenameParams,
  ResponseError,
  type SelectionRange,
  type SelectionRangeParams,
  type SemanticTokens,
  type ServerCapabilities,
  type TextDocumentIdentifier,
  type TextDocumentPositionParams,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { EclassSource } from '../audit/knowledge.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { showLine } from '../errors/visible-text.ts';
import type { LanguageSubject } from '../language/subject.ts';
import { definitionsAt } from '../navigation/definition.ts';
import { foldsOf } from '../navigation/folding.ts';
import { linksOf } from '../navigation/links.ts';
import { formatLists } from '../navigation/list-format.ts';
import { type NameUses, usesAt } from '../navigation/name-uses.ts';
import type { PlacedEbuild, ReadEbuild } from '../navigation/read-ebuild.ts';
import { findRenamed, type NamedEbuild, type Refusal, renameAt } from '../navigation/rename.ts';
import { selectionsAt } from '../navigation/selection.ts';
import { outlineOf } from '../navigation/symbols.ts';
import { tokensOf } from '../navigation/tokens/tokens.ts';
import type { ClientFeatures } from './client.ts';
import type { FileFeatures } from './file-features.ts';
import { toOffsets, toPath } from './from-protocol.ts';
import { toDocumentLink, toLocation } from './locations.ts';
import type { OpenEbuild } from './open-ebuild.ts';
import { toFoldingRanges, toSelectionRange, toSymbol } from './outline.ts';
import { TOKENS_CAPABILITY, toSemanticTokens } from './semantic-tokens.ts';
import { toRange, toWorkspaceEdit } from './to-protocol.ts';

/** The requests about where names of an ebuild or an eclass are, and about its form. A request about a document that is not open has no answer. */
export interface Navigation {
  highlights(params: TextDocumentPositionParams): DocumentHighlight[];
  references(params: ReferenceParams): Location[];
  definitions(params: TextDocumentPositionParams): Location[];
  symbols(params: DocumentSymbolParams): DocumentSymbol[];
  links(params: DocumentLinkParams): DocumentLink[];
  folds(params: FoldingRangeParams): FoldingRange[];
  /** The edits of the whole document, or of the values that touch a range. */
  format(params: { readonly textDocument: TextDocumentIdentifier; readonly range?: Range }): TextEdit[];
  /** The words of the whole document, or of a range, whose kind a grammar cannot know. */
  tokens(params: { readonly textDocument: TextDocumentIdentifier; readonly range?: Range }): SemanticTokens;
  /** One answer for each position. */
  selections(params: SelectionRangeParams): SelectionRange[];
  /** @throws ResponseError with one sentence if the name cannot be changed */
  prepareRename(params: PrepareRenameParams): { range: Range; placeholder: string } | null;
  /** @throws ResponseError with one sentence if the name cannot be changed */
  rename(params: RenameParams): WorkspaceEdit | null;
}

/** What the server says about these requests when it starts. */
export const NAVIGATION_CAPABILITIES = {
  documentHighlightProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentSymbolProvider: true,
  documentLinkProvider: {},
  foldingRangeProvider: true,
  selectionRangeProvider: true,
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  renameProvider: { prepareProvider: true },
  semanticTokensProvider: TOKENS_CAPABILITY,
} satisfies ServerCapabilities;

/**
 * Registers the handlers of these requests.
 *
 * @param navigation undefined before the server is initialized
 * @param files answers for the files that are neither ebuilds nor eclasses
 */
export function listenNavigation(
  connection: Connection,
  navigation: () => Navigation | undefined,
  files: () => FileFeatures | undefined,
): void {
  connection.onDocumentHighlight((params) => navigation()?.highlights(params));
  connection.onDefinition((params) => files()?.definitions(params) ?? navigation()?.definitions(params));
  connection.onReferences((params) => navigation()?.references(params));
  connection.onDocumentSymbol((params) => files()?.symbols(params) ?? navigation()?.symbols(params));
  connection.onDocumentLinks((params) => files()?.links(params) ?? navigation()?.links(params));
  connection.onFoldingRanges((params) => files()?.folds(params) ?? navigation()?.folds(params));
  connection.onDocumentFormatting((params) => navigation()?.format(params));
  connection.onDocumentRangeFormatting((params) => navigation()?.format(params));
  connection.onSelectionRanges((params) => navigation()?.selections(params));
  connection.languages.semanticTokens.on((params) => navigation()?.tokens(params) ?? { data: [] });
  connection.languages.semanticTokens.onRange((params) => navigation()?.tokens(params) ?? { data: [] });
  connection.onPrepareRename((params) => navigation()?.prepareRename(params));
  connection.onRenameRequest((params) => navigation()?.rename(params));
}

/** An ebuild or an eclass that is open in the editor. */
interface Opened {
  readonly ebuild: OpenEbuild;
  readonly document: TextDocument;
  readonly subject: LanguageSubject;
}

/**
 * @param known finds an ebuild or an eclass by its URI
 * @param subjectOf an ebuild or an eclass with what is known of its surroundings
 */
export function createNavigation(
  known: (uri: string) => OpenEbuild | undefined,
  subjectOf: (uri: string, facts: EbuildFacts) => LanguageSubject,
  features: ClientFeatures,
): Navigation {
  const open = (uri: string): Opened | undefined => {
    const ebuild = known(uri);
    const document = ebuild?.document;
    return ebuild && document && { ebuild, document, subject: subjectOf(uri, ebuild.facts()) };
  };
  /** Answers a request about a position. */
  const at = <Answer>(
    { textDocument: { uri }, position }: TextDocumentPositionParams,
    answer: (opened: Opened, read: ReadEbuild, offset: number) => Answer,
  ): Answer | undefined => {
    const opened = open(uri);
    if (opened === undefined) return undefined;
    const offset = opened.document.offsetAt(position);
    return opened.ebuild.navigate((read) => answer(opened, read, offset));
  };
  return {
    highlights: (params) =>
      at(params, ({ document }, read, offset) => toHighlights(document, usesAt(read, offset))) ?? [],
    references: (params) =>
      at(params, ({ document }, read, offset) =>
        (usesAt(read, offset)?.uses ?? [])
          .filter(({ defines }) => params.context.includeDeclaration || !defines)
          .map((use) => ({ uri: document.uri, range: toRange(document, use) })),
      ) ?? [],
    definitions: (params) =>
      at(params, (opened, read, offset) =>
        definitionsAt(placeOf(opened, read), offset).map((found) => toLocation(opened.document, found)),
      ) ?? [],
    symbols({ textDocument }) {
      const opened = open(textDocument.uri);
      if (opened === undefined) return [];
      const { facts, eclass } = opened.subject;
      return outlineOf(facts, eclass?.documentation).map((entry) => toSymbol(opened.document, entry));
    },
    links({ textDocument }) {
      const opened = open(textDocument.uri);
      const links = opened?.ebuild.navigate((read) => linksOf(placeOf(opened, read))) ?? [];
      return opened === undefined ? [] : links.map((link) => toDocumentLink(opened.document, link));
    },
    folds({ textDocument }) {
      const opened = open(textDocument.uri);
      return opened?.ebuild.navigate((read) => toFoldingRanges(opened.document, foldsOf(read))) ?? [];
    },
    format({ textDocument, range }) {
      const opened = open(textDocument.uri);
      // An eclass is sourced by other people's ebuilds, and its lists are theirs.
      if (opened === undefined || opened.subject.eclass !== undefined) return [];
      const { document, ebuild } = opened;
      const edits = formatLists(ebuild.facts(), range && toOffsets(document, range));
      return edits.map((edit) => ({ range: toRange(document, edit), newText: edit.newText }));
    },
    tokens({ textDocument, range }) {
      const opened = open(textDocument.uri);
      if (opened === undefined) return { data: [] };
      const { document, subject, ebuild } = opened;
      const within = range && toOffsets(document, range);
      return toSemanticTokens(document, ebuild.navigate((read) => tokensOf(read, subject, within)) ?? []);
    },
    selections({ textDocument, positions }) {
      const opened = open(textDocument.uri);
      const select = (read: ReadEbuild, position: Position): SelectionRange => {
        const here = { range: { start: position, end: position } };
        if (opened === undefined) return here;
        const { document } = opened;
        return toSelectionRange(document, selectionsAt(read, document.offsetAt(position))) ?? here;
      };
      return opened?.ebuild.navigate((read) => positions.map((position) => select(read, position))) ?? [];
    },
    prepareRename: (params) =>
      at(params, ({ document, subject }, read, offset) => {
        const found = refuse(findRenamed(nameIn(read, subject), offset));
        return found && { range: toRange(document, found.at), placeholder: found.name };
      }) ?? null,
    rename: (params) =>
      at(params, ({ document, subject }, read, offset) => {
        const edits = refuse(renameAt(nameIn(read, subject), offset, params.newName));
        return edits && toWorkspaceEdit(document, edits, features);
      }) ?? null,
  };
}

function toHighlights(document: TextDocument, found: NameUses | undefined): DocumentHighlight[] {
  return (found?.uses ?? []).map((use) => ({
    range: toRange(document, use),
    kind: use.role === 'write' ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }));
}

function placeOf({ document, subject }: Opened, ebuild: ReadEbuild): PlacedEbuild {
  const { knowledge } = subject;
  if (subject.eclass !== undefined) return { ebuild, knowledge, predefined: {}, eclass: subject.eclass.name };
  const path = toPath(document.uri) ?? '';
  const category = basename(dirname(dirname(path)));
  return { ebuild, knowledge, predefined: packageVariables(category, basename(path, '.ebuild')) };
}

function nameIn(ebuild: ReadEbuild, { knowledge, eclass }: LanguageSubject): NamedEbuild {
  const inherited = ebuild.facts.inherits.map(({ name }) => name);
  const eclasses = (): Iterable<EclassSource> => knowledge?.eclassSources(inherited) ?? [];
  return { ebuild, eclasses, own: eclass };
}

function refuse<Answer extends object>(answer: Answer | Refusal | undefined): Answer | undefined {
  if (answer !== undefined && 'refusal' in answer)
    throw new ResponseError(ErrorCodes.InvalidRequest, showLine(answer.refusal));
  return answer;
}
