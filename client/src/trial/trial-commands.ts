import { commands, type Disposable, l10n, Range, Uri, window, workspace } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import {
  COMPARE_TRIALS,
  type CompareTrialsParams,
  FIND_EVIDENCE,
  type FindEvidenceParams,
  type FindEvidenceResult,
  KEPT_TRIALS,
  type KeptTrial,
  type KeptTrialsParams,
  type KeptTrialsResult,
  type PageResult,
  TRIAL_PAGE,
  type TrialPageParams,
} from '../../../server/src/protocol.ts';
import { fileName } from '../file-name.ts';
import { createPageTab, type PageTab } from '../page-tab.ts';
import { asPlain } from '../plain-text.ts';
import type { Target } from '../target.ts';
import { createTrialTree, type ShownRow, type TrialTree } from './trial-tree.ts';

const REFRESH_COMMAND = 'ebuildAudit.refreshTrial';
const PAGE_COMMAND = 'ebuildAudit.showTrialPage';
const COMPARE_COMMAND = 'ebuildAudit.compareTrials';
const OPEN_COMMAND = 'ebuildAudit.openTrialRow';

/** The view, the pages and the comparison of trials. */
export interface TrialViews {
  readonly tree: TrialTree;
  readonly disposables: readonly Disposable[];
}

/** Registers the commands that show what trials have seen. */
export function registerTrialViews(client: LanguageClient, target: Target): TrialViews {
  const tree = createTrialTree(client, target, OPEN_COMMAND);
  const page = createPageTab('ebuildAudit.trialPage', l10n.t('Ebuild Audit Trial'));
  const comparison = createPageTab('ebuildAudit.trialComparison', l10n.t('Ebuild Audit Comparison'));
  return {
    tree,
    disposables: [
      tree,
      page,
      comparison,
      commands.registerCommand(REFRESH_COMMAND, () => tree.refresh()),
      commands.registerCommand(PAGE_COMMAND, (argument) => showPage(client, page, target.of(argument))),
      commands.registerCommand(COMPARE_COMMAND, (argument) =>
        compare(client, comparison, target.of(argument)),
      ),
      commands.registerCommand(OPEN_COMMAND, (shown: ShownRow) => openRow(client, shown)),
    ],
  };
}

/** Asks the server; an error becomes a message. @returns undefined if there is no answer */
async function ask<Answer>(
  client: LanguageClient,
  request: string,
  params: object,
): Promise<Answer | undefined> {
  try {
    return (await client.sendRequest<Answer | null>(request, params)) ?? undefined;
  } catch {
    void window.showErrorMessage(
      l10n.t('The language server does not answer: run "Ebuild Audit: Restart Server".'),
    );
    return undefined;
  }
}

async function showPage(client: LanguageClient, tab: PageTab, uri: Uri | undefined): Promise<void> {
  if (uri === undefined) return;
  const params: TrialPageParams = { uri: client.code2ProtocolConverter.asUri(uri) };
  showAnswer(
    tab,
    uri,
    l10n.t('Trial of {0}', fileName(uri)),
    await ask<PageResult>(client, TRIAL_PAGE, params),
  );
}

function showAnswer(tab: PageTab, uri: Uri, title: string, answer: PageResult | undefined): void {
  const name = fileName(uri);
  if (answer?.html !== undefined) tab.show(answer.html, title);
  else if (answer?.problem !== undefined)
    void window.showInformationMessage(asPlain(`${name}: ${answer.problem}`));
}

async function compare(client: LanguageClient, tab: PageTab, uri: Uri | undefined): Promise<void> {
  if (uri === undefined) return;
  const params: KeptTrialsParams = { uri: client.code2ProtocolConverter.asUri(uri) };
  const kept = await ask<KeptTrialsResult>(client, KEPT_TRIALS, params);
  if (kept === undefined) return;
  const { trials, problem } = kept;
  const chosen = await choosePair(uri, trials, problem);
  if (chosen === undefined) return;
  const asked: CompareTrialsParams = { ...params, before: chosen.before.id, after: chosen.after.id };
  showAnswer(
    tab,
    uri,
    l10n.t('Two trials of {0}', fileName(uri)),
    await ask<PageResult>(client, COMPARE_TRIALS, asked),
  );
}

/** Asks for two trials, unless there are only two. The older one comes first. */
async function choosePair(uri: Uri, trials: readonly KeptTrial[], problem: string | undefined) {
  const [newest, second] = trials;
  if (newest === undefined || second === undefined) {
    const sentence =
      newest === undefined
        ? l10n.t('No trial of {0} is kept: run another one after a change.', fileName(uri))
        : l10n.t('Only one trial of {0} is kept: run another one after a change.', fileName(uri));
    void window.showInformationMessage(asPlain([sentence, problem ?? ''].join(' ').trim()));
    return undefined;
  }
  if (trials.length === 2) return { before: second, after: newest };
  const first = await chooseTrial(trials, l10n.t('Which trial of the ebuild?'));
  const others = trials.filter((trial) => trial !== first);
  const other = first && (await chooseTrial(others, l10n.t('Compare it with which one?')));
  if (first === undefined || other === undefined) return undefined;
  const isLater = trials.indexOf(first) < trials.indexOf(other);
  return isLater ? { before: other, after: first } : { before: first, after: other };
}

async function chooseTrial(
  trials: readonly KeptTrial[],
  placeHolder: string,
): Promise<KeptTrial | undefined> {
  const items = trials.map((trial) => ({
    label: asPlain(trial.name),
    detail: asPlain(trial.description),
    trial,
  }));
  return (await window.showQuickPick(items, { placeHolder, matchOnDetail: true }))?.trial;
}

/** Opens the line of an atom, or the file or the line of the log that shows an access. */
async function openRow(client: LanguageClient, { uri, row }: ShownRow): Promise<void> {
  if (row.kind === 'dependency' && row.dependency.range !== undefined) {
    const { start, end } = row.dependency.range;
    const selection = new Range(start.line, start.character, end.line, end.character);
    await window.showTextDocument(uri, { selection, preview: false });
    return;
  }
  if (row.kind !== 'file') return;
  const params: FindEvidenceParams = {
    uri: client.code2ProtocolConverter.asUri(uri),
    path: row.file.path,
  };
  const found = await ask<FindEvidenceResult>(client, FIND_EVIDENCE, params);
  if (found === undefined) return;
  if (found.path === undefined) void window.showInformationMessage(asPlain(found.message));
  else await openAt(found.path, found.line);
}

/** @param line counted from 0 */
async function openAt(path: string, line = 0): Promise<void> {
  try {
    const document = await workspace.openTextDocument(Uri.file(path));
    await window.showTextDocument(document, { preview: true, selection: new Range(line, 0, line, 0) });
  } catch (error) {
    void window.showErrorMessage(asPlain(l10n.t('{0} cannot be shown: {1}', path, String(error))));
  }
}
