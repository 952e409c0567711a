import type { Diagnostic } from 'vscode-languageserver';
import { refuseLongText } from '../ebuild/longest-text.ts';

/** Notification from the guard of the input to the server: a document was too long for a message. */
export const TOO_LONG = 'ebuildAudit/tooLong';

export interface TooLongParams {
  readonly uri: string;
}

/** The only diagnostic of a document that is too long to be read. */
export function describeTooLong(): Diagnostic {
  const start = { line: 0, character: 0 };
  return {
    range: { start, end: { line: 0, character: 1 } },
    severity: 2,
    source: 'ebuild-audit',
    message: refuseLongText('This document'),
  };
}
