import { isSeen, showLine } from '../errors/visible-text.ts';
import type { Finding, Fix } from './finding.ts';

/**
 * A finding as every report may show it: names of programs, files, packages and hosts come from a build or from a repository, so characters
 * in its sentences that cannot be seen are written as `\u{202e}`. A fix that would write such a character into the ebuild is left out.
 * The evidence has names as they are, for programs; `describeEvidence` makes its sentences.
 *
 * @param text the ebuild; its own characters may stay in it
 */
export function showFinding(finding: Finding, text: string): Finding {
  const { fix, alternatives, why } = finding;
  return {
    ...finding,
    message: showLine(finding.message),
    ...(fix === undefined ? {} : { fix: showFix(fix, text) }),
    ...(alternatives === undefined
      ? {}
      : { alternatives: alternatives.flatMap((alternative) => showFix(alternative, text) ?? []) }),
    ...(why === undefined
      ? {}
      : {
          why: {
            ...why,
            ...(why.owner === undefined ? {} : { owner: showLine(why.owner) }),
            trials: why.trials.map(showLine),
          },
        }),
  };
}

function showFix(fix: Fix, text: string): Fix | undefined {
  const isWritten = fix.edits.every(({ newText }) => isSeen(withoutOwn(newText, text)));
  return isWritten ? { ...fix, title: showLine(fix.title) } : undefined;
}

/** A new text without the characters that the ebuild has already, which an edit may move. */
function withoutOwn(newText: string, text: string): string {
  return isSeen(newText) ? newText : [...newText].filter((character) => !text.includes(character)).join('');
}
