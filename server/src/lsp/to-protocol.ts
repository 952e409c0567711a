/**
 * Converts the terms of this project to those of the protocol. All conversions are here and in from-protocol.ts, which has the other
 * direction.
 */
import {
  type CodeAction,
  CodeActionKind,
  CompletionItemKind,
  type CompletionList,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  InsertTextFormat,
  type Location,
  type Range,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { describeEvidence } from '../audit/evidence-sentence.ts';
import type { Finding, Fix } from '../audit/finding.ts';
import { addressOf } from '../audit/finding-address.ts';
import type { TextEdit as OffsetEdit } from '../ebuild/text-edit.ts';
import { showLine } from '../errors/visible-text.ts';
import type { Completion, Completions } from '../language/completion/completion.ts';
import type { EvidencePlace, EvidencePlaces } from '../trial/evidence-places.ts';
import { describeElapsed, describeStep } from '../trial/progress.ts';
import type { TrialProgress } from '../trial/trial.ts';
import type { ClientFeatures } from './client.ts';
import type { OffsetRange } from './from-protocol.ts';

export const SOURCE = 'ebuild-audit';

/** The kind by which a client asks for fix-all, e.g. in `editor.codeActionsOnSave`. */
export const FIX_ALL_KIND = `${CodeActionKind.SourceFixAll}.ebuildAudit`;

/** The record has more evidence, which would hide the message. */
const MAX_EVIDENCE = 5;

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

export function toRange(document: TextDocument, range: OffsetRange): Range {
  return { start: document.positionAt(range.start), end: document.positionAt(range.end) };
}

/** @param places where a reader sees the evidence; the declaration stands for evidence without a place */
export function toDiagnostic(
  document: TextDocument,
  finding: Finding,
  features: ClientFeatures,
  places: EvidencePlaces | undefined,
): Diagnostic {
  const range = toRange(document, finding.range);
  const evidence = finding.evidence.slice(0, MAX_EVIDENCE);
  const base: Diagnostic = {
    range,
    severity: SEVERITIES[finding.severity],
    code: finding.code,
    codeDescription: { href: addressOf(finding) },
    source: finding.source ?? SOURCE,
    message: showLine(finding.message),
    ...(finding.code === 'unused' && features.unnecessaryTag ? { tags: [DiagnosticTag.Unnecessary] } : {}),
  };
  if (!features.relatedInformation)
    return { ...base, message: [base.message, ...evidence.map(describeEvidence)].join('\n') };
  return {
    ...base,
    relatedInformation: evidence.map((access) => ({
      location: toLocation(places?.get(access.path)) ?? { uri: document.uri, range },
      message: describeEvidence(access),
    })),
  };
}

function toLocation(place: EvidencePlace | undefined): Location | undefined {
  if (place === undefined) return undefined;
  const { file, line, column, length } = place;
  return {
    uri: URI.file(file).toString(),
    range: { start: { line, character: column }, end: { line, character: column + length } },
  };
}

/** A finding of the trial before, greyed while another trial runs. */
export function toEarlierDiagnostic(
  document: TextDocument,
  finding: Finding,
  features: ClientFeatures,
): Diagnostic {
  const diagnostic = toDiagnostic(document, finding, features, undefined);
  return {
    ...diagnostic,
    severity: DiagnosticSeverity.Information,
    message: `Of the trial before: ${diagnostic.message}`,
    ...(features.unnecessaryTag ? { tags: [DiagnosticTag.Unnecessary] } : {}),
  };
}

/** The quick fixes of a finding: its fix, if it has one, and then the alternatives that an author may prefer. */
export function toQuickFixes(
  document: TextDocument,
  finding: Finding,
  features: ClientFeatures,
  places: EvidencePlaces | undefined,
): CodeAction[] {
  const { fix, alternatives = [] } = finding;
  const toAction = ({ title, edits }: Fix, isPreferred: boolean): CodeAction => ({
    title: showLine(title),
    kind: CodeActionKind.QuickFix,
    diagnostics: [toDiagnostic(document, finding, features, places)],
    ...(isPreferred ? { isPreferred } : {}),
    edit: toWorkspaceEdit(document, edits, features),
  });
  return [
    ...(fix === undefined ? [] : [toAction(fix, fix.guess !== true)]),
    ...alternatives.map((alternative) => toAction(alternative, false)),
  ];
}

/** Makes an edit that names the version of the document, if the client can check it. Then the client never applies it to another text. */
export function toWorkspaceEdit(
  document: TextDocument,
  edits: readonly OffsetEdit[],
  features: ClientFeatures,
): WorkspaceEdit {
  const converted = edits.map((edit) => toTextEdit(document, edit));
  if (!features.documentChanges) return { changes: { [document.uri]: converted } };
  const { uri, version } = document;
  return { documentChanges: [{ textDocument: { uri, version }, edits: converted }] };
}

function toTextEdit(document: TextDocument, edit: OffsetEdit): TextEdit {
  return { range: toRange(document, edit), newText: edit.newText };
}

const COMPLETION_KINDS: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  category: CompletionItemKind.Folder,
  package: CompletionItemKind.Module,
  version: CompletionItemKind.Value,
  slot: CompletionItemKind.Value,
  flag: CompletionItemKind.Property,
  eclass: CompletionItemKind.Module,
  variable: CompletionItemKind.Variable,
  phase: CompletionItemKind.Method,
  command: CompletionItemKind.Function,
  value: CompletionItemKind.EnumMember,
  comment: CompletionItemKind.Text,
};

/** What an item of a completion carries, so that it can be described when it is selected. */
export interface CompletionData extends Pick<Completion, 'kind' | 'text' | 'variable'> {
  readonly uri: string;
}

/** The characters of names, versions, keywords and licences (PMS 3), and the marks of a condition. */
const VALID_TEXT = /^[~!-]?[\w+.@/-]+\??$|^-\*$/;

export function toCompletionList(
  document: TextDocument,
  { items, isIncomplete }: Completions,
  { snippets }: ClientFeatures,
): CompletionList {
  // A repository can name a folder or a flag anything, and the text goes into an ebuild, which Bash runs.
  const valid = items.filter(({ kind, text }) => kind === 'comment' || VALID_TEXT.test(text));
  // The order is that of the items: versions come newest first.
  const width = String(valid.length).length;
  return {
    isIncomplete,
    items: valid.map((item, index) => ({
      label: item.text,
      kind: COMPLETION_KINDS[item.kind],
      sortText: String(index).padStart(width, '0'),
      // Clients compare this with the text in the range. If a package was found without its category, the text is only the name.
      filterText: filterText(document, item),
      textEdit: { range: toRange(document, item.range), newText: item.text },
      ...(item.detail === undefined ? {} : { detail: showLine(item.detail) }),
      ...toSnippet(document, item, snippets),
      data: dataOf(document.uri, item),
    })),
  };
}

function toSnippet(document: TextDocument, { range, snippet }: Completion, known: boolean) {
  if (!known || snippet === undefined) return {};
  return {
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range: toRange(document, range), newText: snippet },
  };
}

function dataOf(uri: string, { kind, text, variable }: Completion): CompletionData {
  return { uri, kind, text, ...(variable === undefined ? {} : { variable }) };
}

function filterText(document: TextDocument, { kind, text, range }: Completion): string {
  const typed = document.getText(toRange(document, range));
  return kind === 'package' && !typed.includes('/') ? text.slice(text.indexOf('/') + 1) : text;
}

/** One line for the progress, e.g. `compile (step 4 of 6) · 12 s of about 45 s · 14 packages`. */
export function toProgressMessage(progress: TrialProgress): string {
  const packages = progress.packagesSeen === 1 ? '1 package' : `${progress.packagesSeen} packages`;
  return `${showLine(describeStep(progress.phase))} · ${describeElapsed(progress)} · ${packages}`;
}
