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

/** What the runner tells the suite, since it can pass neither arguments nor messages. */
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
      const found = findings(document).filter((one) => codeOf(one) === 'missing-depend');
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
    assert.ok(log && readFileSync(log, 'utf8').length > 0, 'the build log is empty');
  },

  async 'its quick fix adds the atom, and the finding is gone without a trial'() {
    const document = await open();
    for (const finding of findings(document)) {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        finding.range,
        vscode.CodeActionKind.QuickFix.value,
      );
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
};

function isSame(one: vscode.Diagnostic): (other: vscode.Diagnostic) => boolean {
  return (other) => other.message === one.message && codeOf(other) === codeOf(one);
}

/** Called by the editor; rejects when a test failed. Each result is a line of JSON in the runner's file. */
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
