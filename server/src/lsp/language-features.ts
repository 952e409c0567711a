import {
  type CompletionItem,
  type CompletionList,
  type CompletionParams,
  type Hover,
  type HoverParams,
  type InlayHint,
  InlayHintKind,
  type InlayHintParams,
  type SignatureHelp,
  type SignatureHelpParams,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { showLine } from '../errors/visible-text.ts';
import { complete } from '../language/completion/complete.ts';
import { describeAt, describeCompletion } from '../language/describe.ts';
import { inlayHints, type PackageUses } from '../language/inlay-hints.ts';
import { signatureAt } from '../language/signature.ts';
import type { LanguageSubject } from '../language/subject.ts';
import { nameOf } from '../pms/package-name.ts';
import type { ClientFeatures } from './client.ts';
import { toOffsets } from './from-protocol.ts';
import { toHover } from './hover.ts';
import { toMarkup } from './markdown.ts';
import type { OpenEbuild } from './open-ebuild.ts';
import { type CompletionData, toCompletionList } from './to-protocol.ts';

/** The answers to questions about the word at a place. They are for the current text of an open ebuild. */
export interface LanguageFeatures {
  completion(params: CompletionParams): CompletionList;
  /** Adds the documentation to an item of a completion, when the client shows it. */
  resolveCompletion(item: CompletionItem): CompletionItem;
  hover(params: HoverParams): Hover | undefined;
  signatureHelp(params: SignatureHelpParams): SignatureHelp | undefined;
  inlayHints(params: InlayHintParams): InlayHint[];
}

/**
 * @param known the ebuild of a URI, if it is open or has a record
 * @param subjectOf an ebuild with what is known of its surroundings
 */
export function createLanguageFeatures(
  known: (uri: string) => OpenEbuild | undefined,
  subjectOf: (uri: string, facts: LanguageSubject['facts']) => LanguageSubject,
  features: ClientFeatures,
): LanguageFeatures {
  /** An open ebuild with its text and its surroundings. */
  function open(
    uri: string,
  ): { ebuild: OpenEbuild; document: TextDocument; subject: LanguageSubject } | undefined {
    const ebuild = known(uri);
    if (ebuild?.document === undefined) return undefined;
    return { ebuild, document: ebuild.document, subject: subjectOf(uri, ebuild.facts()) };
  }
  return {
    completion({ textDocument: { uri }, position }) {
      const opened = open(uri);
      if (opened === undefined) return { isIncomplete: true, items: [] };
      const { document, subject } = opened;
      return toCompletionList(
        document,
        complete({ ...subject, offset: document.offsetAt(position) }),
        features,
      );
    },

    resolveCompletion(item) {
      const { uri, ...completion } = item.data as CompletionData;
      const opened = open(uri);
      const paragraphs = opened && describeCompletion(opened.subject, completion);
      return paragraphs === undefined ? item : { ...item, documentation: toMarkup(paragraphs, features) };
    },

    hover({ textDocument: { uri }, position }) {
      const opened = open(uri);
      if (opened === undefined) return undefined;
      const { ebuild, document, subject } = opened;
      const offset = document.offsetAt(position);
      const description = describeAt(subject, offset);
      return toHover(document, { findings: ebuild.findings(), description }, offset, features);
    },

    signatureHelp({ textDocument: { uri }, position }) {
      const opened = open(uri);
      const signature = opened && signatureAt(opened.subject, opened.document.offsetAt(position));
      if (signature === undefined) return undefined;
      const { label, parameters, active, paragraphs } = signature;
      return {
        signatures: [
          {
            label: showLine(label),
            parameters: parameters.map(({ start, end }) => ({ label: [start, end] })),
            documentation: toMarkup(paragraphs, features),
          },
        ],
        activeSignature: 0,
        // A number beyond the last parameter marks none (LSP 3.17, SignatureHelp).
        activeParameter: active ?? parameters.length,
      };
    },

    inlayHints({ textDocument: { uri }, range }) {
      const opened = open(uri);
      if (opened === undefined) return [];
      const { ebuild, document, subject } = opened;
      return inlayHints(subject, usesOf(ebuild), toOffsets(document, range)).map(
        ({ position, label, tooltip }) => ({
          position: document.positionAt(position),
          label: showLine(label),
          tooltip: showLine(tooltip),
          kind: InlayHintKind.Type,
          paddingLeft: true,
        }),
      );
    },
  };
}

function usesOf({ trial: { record } }: OpenEbuild): PackageUses | undefined {
  return (
    record &&
    new Map(record.uses.map((use) => [nameOf(use.package), use.kinds.map(({ kind }) => kind)] as const))
  );
}
