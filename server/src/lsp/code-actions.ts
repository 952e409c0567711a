import type { CodeAction, CodeActionParams } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type Finding, TRIAL_CODES } from '../audit/finding.ts';
import { hasSafeFix } from '../audit/fix-all.ts';
import { proposeIgnore } from '../audit/silencing/ignore-comment.ts';
import { smallestEdit } from '../ebuild/text-edit.ts';
import { SERVER_COMMANDS } from '../protocol.ts';
import type { ClientFeatures } from './client.ts';
import { toOffsets } from './from-protocol.ts';
import type { OpenEbuild } from './open-ebuild.ts';
import { FIX_ALL_KIND, toQuickFixes, toWorkspaceEdit } from './to-protocol.ts';

/** The code actions for a range of an open ebuild. Their edits are for its current text. */
export function toCodeActions(
  ebuild: OpenEbuild,
  document: TextDocument,
  { range, context: { only } }: CodeActionParams,
  features: ClientFeatures,
): CodeAction[] {
  const wants = (kind: string) =>
    only === undefined || only.some((wanted) => kind === wanted || kind.startsWith(`${wanted}.`));
  const actions: CodeAction[] = [];
  if (wants('quickfix')) {
    const { start, end } = toOffsets(document, range);
    const touched = ebuild
      .findings()
      .filter((finding) => finding.range.start <= end && finding.range.end >= start);
    actions.push(
      ...mergeAlike(
        touched.flatMap((finding) =>
          toQuickFixes(document, withIgnore(ebuild, finding), features, ebuild.trial.places),
        ),
      ),
    );
  }
  // An editor lists this action only if it asks for its kind.
  if (only !== undefined && wants(FIX_ALL_KIND)) {
    const text = document.getText();
    const fixed = ebuild.fixedText();
    if (fixed !== text) {
      const edit = toWorkspaceEdit(document, [smallestEdit(text, fixed)], features);
      actions.push({ title: 'Apply all safe fixes', kind: FIX_ALL_KIND, edit });
    }
  }
  actions.push(...offerTrial(ebuild, only));
  return actions;
}

const ABOUT_TRIALS: ReadonlySet<string> = new Set(TRIAL_CODES);

/** Adds the comment that ignores an error of a trial; that of other findings they have already. Reports do not offer it for errors. */
function withIgnore(ebuild: OpenEbuild, finding: Finding): Finding {
  if (finding.severity !== 'error' || !ABOUT_TRIALS.has(finding.code)) return finding;
  return {
    ...finding,
    alternatives: [...(finding.alternatives ?? []), proposeIgnore(ebuild.facts(), finding)],
  };
}

/** Under it an editor lists the actions that run a trial. */
export const TRIAL_KIND = 'source.ebuildAudit';

/** Runs a trial, and fixes with one, for editors that have no command of ours: they list these under their actions. */
function offerTrial(
  { uri, trials, findings }: OpenEbuild,
  only: readonly string[] | undefined,
): CodeAction[] {
  if (only !== undefined && !only.some((kind) => TRIAL_KIND === kind || TRIAL_KIND.startsWith(`${kind}.`)))
    return [];
  const offer = (title: string, command: string): CodeAction => ({
    title,
    kind: TRIAL_KIND,
    command: { title, command, arguments: [uri] },
  });
  if (trials.count > 0) return [offer('Cancel the trial build', SERVER_COMMANDS.cancel)];
  const actions = [offer('Run a trial build', SERVER_COMMANDS.run)];
  if (hasSafeFix(findings()))
    actions.push(offer('Apply all safe fixes and run a trial build', SERVER_COMMANDS.fixAndVerify));
  return actions;
}

/** Merges actions with the same edit. One edit may fix several findings, for example if a library is needed to build and to run. */
function mergeAlike(actions: readonly CodeAction[]): CodeAction[] {
  const merged = new Map<string, CodeAction>();
  for (const action of actions) {
    const key = JSON.stringify([action.title, action.edit]);
    const diagnostics = [...(merged.get(key)?.diagnostics ?? []), ...(action.diagnostics ?? [])];
    merged.set(key, { ...action, diagnostics });
  }
  return [...merged.values()];
}
