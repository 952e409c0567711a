import type { DocumentLink, Location } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { showLine } from '../errors/visible-text.ts';
import type { Definition } from '../navigation/definition.ts';
import type { Link } from '../navigation/link.ts';
import { toRange } from './to-protocol.ts';

export function toDocumentLink(document: TextDocument, link: Link): DocumentLink {
  const target = 'file' in link ? URI.file(link.file).toString() : link.address;
  return {
    range: toRange(document, link),
    target,
    tooltip: showLine('file' in link ? link.file : link.address),
  };
}

export function toLocation(document: TextDocument, found: Definition): Location {
  if (!('file' in found)) return { uri: document.uri, range: toRange(document, found) };
  const { file, line, character } = found;
  const start = { line, character };
  return { uri: URI.file(file).toString(), range: { start, end: start } };
}
