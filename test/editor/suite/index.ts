/// <reference types="vscode" />
/**
 * The suite that runs inside the editor's extension host, in the convention of `extensionTestsPath`: a CommonJS module that
 * exports `run`. It knows only the editor's API, so it is the same in VS Code and in code-server.
 */
import { strict as assert } from 'node:assert';
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';

const EXTENSION = 'ebuild-audit.ebuild-audit';
const TRIAL_TIMEOUT = 240_000;

interface Outcome {
  readonly outcome: string;
  readonly message: string;
  readonly log?: string;
}

/** The runner passes its data in the environment, because it can pass neither arguments nor messages. */
const { EBUILD_AUDIT_SUITE_EBUILD: ebuild = '', EBUILD_AUDIT_SUITE_RESULTS: results = '' } = process.env;
const ATOM = process.env.EBUILD_AUDIT_SUITE_ATOM ?? '';

async function waitFor<T>(what: string, timeout: number, look: () => T | undefined | false): Promise<T> {
  for (const end = Date.now() + timeout; Date.now() < end; await sleep(50)) {
    const found = look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what} did not come within ${timeout / 1000} seconds`);
}

function codeOf(diagnostic: vscode.Diagnostic): unknown {
  return typeof diagnostic.code === 'object' ? diagnostic.code.value : diagnostic.code;
}

async function open(): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(ebuild));
  await vscode.window.showTextDocument(document);
  return document;
}

const findings = (document: vscode.TextDocument) =>
  vscode.languages.getDiagnostics(document.uri).filter((diagnostic) => diagnostic.source === 'ebuild-audit');

async function waitForAsync<T>(
  what: string,
  timeout: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  for (const end = Date.now() + timeout; Date.now() < end; await sleep(200)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what} did not come within ${timeout / 1000} seconds`);
}

async function replaceText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

async function insertAtEnd(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

/** Reverts the active editor to the file on disk. */
async function revert(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.files.revert');
}

function quickFixes(
  document: vscode.TextDocument,
  { range }: vscode.Diagnostic,
): Thenable<vscode.CodeAction[]> {
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    range,
    vscode.CodeActionKind.QuickFix.value,
  );
}

const tests: Record<string, () => Promise<void>> = {
  async 'the packaged extension is installed, and opening an ebuild starts it'() {
    const document = await open();
    assert.equal(document.languageId, 'ebuild');
    const extension = vscode.extensions.getExtension(EXTENSION);
    assert.ok(extension, `${EXTENSION} is not installed`);
    await waitFor('the activation', 30_000, () => extension.isActive);
    const commands = await vscode.commands.getCommands(true);
    for (const { command } of extension.packageJSON.contributes.commands) {
      assert.ok(commands.includes(command), `${command} is not registered`);
    }
  },

  async 'an ebuild that was never saved is refused with a sentence'() {
    const document = await vscode.workspace.openTextDocument({ language: 'ebuild', content: 'EAPI=8\n' });
    await vscode.window.showTextDocument(document);
    const result = await vscode.commands.executeCommand<Outcome>('ebuildAudit.runTrial');
    assert.equal(result.outcome, 'failed');
    assert.match(result.message, /Save the ebuild/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  },

  async 'what is wrong in the text is found without a trial, and a quick fix mends it'() {
    const document = await open();
    const before = document.getText();
    const wrong = '\nPDEPEND="\n\tdev-libs/foo-1.2\n\tapp-misc/here\n\tapp-misc/here\n"\n';
    await insertAtEnd(document, wrong);
    const codes = () => findings(document).map(codeOf).sort();
    await waitFor('the findings', 10_000, () => codes().join() === 'duplicate-atom,invalid-atom');
    const duplicate = findings(document).find((diagnostic) => codeOf(diagnostic) === 'duplicate-atom');
    assert.ok(duplicate);
    const [action] = await quickFixes(document, duplicate);
    assert.ok(action?.edit, 'the atom that stands twice has no quick fix');
    assert.ok(await vscode.workspace.applyEdit(action.edit));
    await waitFor('the new findings', 5000, () => codes().join() === 'invalid-atom');
    assert.equal(document.getText(), before + wrong.replace('\tapp-misc/here\n', ''));
    await revert();
    await waitFor('a text without findings', 5000, () => codes().length === 0);
  },

  async 'completion knows the packages of the repositories'() {
    const document = await open();
    await insertAtEnd(document, '\nPDEPEND="media-libs/libp');
    const end = document.lineAt(document.lineCount - 1).range.end;
    const labels = await waitForAsync('the package', 20_000, async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        end,
      );
      const found = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return found.includes('media-libs/libpng') && found;
    });
    assert.ok(labels.length > 0);
    await revert();
  },

  async 'pkgcheck scans what is saved in a trusted workspace'() {
    const document = await open();
    const before = document.getText();
    await insertAtEnd(document, '# untidy \n');
    assert.ok(await document.save());
    const untidiness = () =>
      vscode.languages
        .getDiagnostics(document.uri)
        .find(
          (diagnostic) =>
            diagnostic.source === 'pkgcheck' && codeOf(diagnostic) === 'pkgcheck:WhitespaceFound',
        );
    const found = await waitFor('a result of pkgcheck', 60_000, untidiness);
    assert.equal(found.range.start.line, document.lineCount - 2);
    await replaceText(document, before);
    await waitFor('the mended text', 5000, () => untidiness() === undefined);
    assert.ok(await document.save());
  },

  async 'a trial that is cancelled ends'() {
    const document = await open();
    const result = vscode.commands.executeCommand<Outcome>('ebuildAudit.runTrial', document.uri);
    await sleep(1500);
    const cancelled = Date.now();
    await vscode.commands.executeCommand('ebuildAudit.cancelTrial', document.uri);
    assert.equal((await result).outcome, 'cancelled');
    assert.ok(Date.now() - cancelled < 10_000, 'the trial ended too late');
  },

  async 'a trial finds the missing dependency while it runs'() {
    const document = await open();
    const result = vscode.commands.executeCommand<Outcome>('ebuildAudit.runTrial');
    let ended = false;
    void result.then(() => {
      ended = true;
    });
    const [finding] = await waitFor('a finding', TRIAL_TIMEOUT, () => {
      const found = findings(document).filter((diagnostic) => codeOf(diagnostic) === 'missing-depend');
      if (ended && found.length === 0) throw new Error('the trial has ended and nothing was found');
      return found.length > 0 && found;
    });
    assert.ok(finding);
    assert.ok(finding.message.includes(ATOM), finding.message);
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Error);
    assert.ok(finding.relatedInformation?.length, 'the finding has no evidence');
    assert.ok(typeof finding.code === 'object' && /missing-depend/.test(finding.code.target.path));
    const { outcome, message, log } = await result;
    assert.equal(outcome, 'findings', message);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      findings(document).find((diagnostic) => codeOf(diagnostic) === 'missing-depend')?.range.start ??
        finding.range.start,
    );
    const why = hovers.flatMap(({ contents }) =>
      contents.map((content) => (typeof content === 'string' ? content : content.value)),
    );
    assert.match(why.join('\n'), /Why:(.|\n)*Tried:.*libpng(.|\n)*Package:.*libpng/);
    assert.ok(log && readFileSync(log, 'utf8').length > 0, 'the build log is empty');
  },

  async 'its quick fix adds the atom, and the finding is gone without a trial'() {
    const document = await open();
    for (const finding of findings(document)) {
      const actions = await quickFixes(document, finding);
      const wanted = actions.find((action) => action.title.includes(ATOM));
      if (wanted?.edit === undefined) continue;
      assert.ok(await vscode.workspace.applyEdit(wanted.edit));
      await waitFor('the new judgement', 5000, () => !findings(document).some(isSame(finding)));
    }
    await waitFor('a text without findings', 5000, () => findings(document).length === 0);
    assert.ok(await document.save());
    assert.ok(readFileSync(ebuild, 'utf8').includes(ATOM), 'the atom is not in the file');
  },

  async 'a second trial proves the fix'() {
    const document = await open();
    const { outcome, message } = await vscode.commands.executeCommand<Outcome>(
      'ebuildAudit.runTrial',
      document.uri,
    );
    assert.equal(outcome, 'clean', message);
    assert.deepEqual(findings(document), []);
  },

  async 'the last trial is shown as a page, and is compared with the one before'() {
    await open();
    const name = ebuild.slice(ebuild.lastIndexOf('/') + 1);
    const tabOf = (label: string) =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find((tab) => tab.label === label);
    // They are not awaited: if more than two trials were kept, the comparison would ask which ones.
    for (const [command, label] of [
      ['ebuildAudit.showTrialPage', `Trial of ${name}`],
      ['ebuildAudit.compareTrials', `Two trials of ${name}`],
    ] as const) {
      void vscode.commands.executeCommand(command, vscode.Uri.file(ebuild));
      const tab = await waitFor(label, 20_000, () => tabOf(label));
      assert.ok(await vscode.window.tabGroups.close(tab));
    }
    await vscode.commands.executeCommand('ebuildAudit.refreshTrial');
    await vscode.commands.executeCommand('ebuildAudit.trial.focus');
    await open();
  },

  async 'the command for every USE flag tries other USE states'() {
    const document = await open();
    // One flag, and a REQUIRED_USE that no state with the flag satisfies: the skipped states show that states were chosen.
    await insertAtEnd(document, '\nIUSE="never"\nREQUIRED_USE="!never"\n');
    const { outcome, message } = await vscode.commands.executeCommand<Outcome>(
      'ebuildAudit.runUseMatrix',
      document.uri,
    );
    assert.equal(outcome, 'clean', message);
    assert.match(message, /untried USE states that REQUIRED_USE forbids \(never\)/);
    await revert();
  },
};

function isSame(left: vscode.Diagnostic): (right: vscode.Diagnostic) => boolean {
  return (right) => right.message === left.message && codeOf(right) === codeOf(left);
}

/** Called by the editor; rejects if a test failed. Each result is a line of JSON in the runner's file. */
export async function run(): Promise<void> {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    const begin = Date.now();
    let problem: string | undefined;
    try {
      await test();
    } catch (error) {
      failed++;
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    appendFileSync(results, `${JSON.stringify({ name, problem, milliseconds: Date.now() - begin })}\n`);
  }
  if (failed > 0) throw new Error(`${failed} of ${Object.keys(tests).length} tests failed`);
}
