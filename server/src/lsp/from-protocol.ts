/**
 * Converts the terms of the protocol to those of this project. All conversions are here and in to-protocol.ts, which has the other
 * direction.
 */
import { type ClientCapabilities, DiagnosticTag, MarkupKind, type Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { type InitializationOptions, SERVER_COMMANDS } from '../protocol.ts';
import type { ClientFeatures } from './client.ts';

/** A half-open range in UTF-16 offsets. */
export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}

export function toOffsets(document: TextDocument, range: Range): OffsetRange {
  return { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
}

/** The file of an ebuild, or one sentence that says why a trial cannot build the document. */
export function toEbuildFile(uri: string): { readonly file: string } | { readonly problem: string } {
  const { scheme, fsPath } = URI.parse(uri);
  if (scheme === 'untitled') {
    return {
      problem: 'Save the ebuild into a repository first: its category and name come from its folders.',
    };
  }
  if (scheme !== 'file') {
    return {
      problem: `A trial needs a file on this machine, and this document is “${scheme}:”: save the ebuild locally first.`,
    };
  }
  if (!fsPath.endsWith('.ebuild'))
    return { problem: 'A trial can build only a file whose name ends in .ebuild.' };
  return { file: fsPath };
}

/** The path of an ebuild that has one, saved or not: editors call a new file with a path `untitled:/path`. */
export function toEbuildPath(uri: string): string | undefined {
  const { scheme, path, fsPath } = URI.parse(uri);
  if (!path.endsWith('.ebuild') || !path.startsWith('/')) return undefined;
  return scheme === 'file' || scheme === 'untitled' ? fsPath : undefined;
}

/** The name of the eclass that a document is; undefined if it is none (PMS 10). */
export function toEclassName(uri: string): string | undefined {
  const name = toFileName(uri);
  return name.endsWith('.eclass') ? name.slice(0, -'.eclass'.length) : undefined;
}

/** The path of a URI; undefined if it is not on this machine's file system. */
export function toPath(uri: string): string | undefined {
  const { scheme, fsPath } = URI.parse(uri);
  return scheme === 'file' ? fsPath : undefined;
}

/** The name of the file of a URI, without its folder. */
export function toFileName(uri: string): string {
  const { path } = URI.parse(uri);
  return path.slice(path.lastIndexOf('/') + 1);
}

export function toFeatures(
  capabilities: ClientCapabilities,
  { lensCommands, terminalCommand, diagnosticsInHover }: InitializationOptions = {},
): ClientFeatures {
  const { publishDiagnostics, hover, completion } = capabilities.textDocument ?? {};
  return {
    relatedInformation: publishDiagnostics?.relatedInformation ?? false,
    documentChanges: capabilities.workspace?.workspaceEdit?.documentChanges ?? false,
    diagnosticsInHover: diagnosticsInHover ?? false,
    markdownHover: hover?.contentFormat?.includes(MarkupKind.Markdown) ?? false,
    lensCommands: lensCommands ?? SERVER_COMMANDS,
    terminalCommand,
    snippets: completion?.completionItem?.snippetSupport ?? false,
    markdownCompletion:
      completion?.completionItem?.documentationFormat?.includes(MarkupKind.Markdown) ?? false,
    unnecessaryTag: publishDiagnostics?.tagSupport?.valueSet.includes(DiagnosticTag.Unnecessary) ?? false,
  };
}
