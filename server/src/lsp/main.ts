/** Creates the language server and listens on standard input and output. */
import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { judgeSilenced } from '../audit/silencing/judge-silenced.ts';
import { openChecker } from '../check/open-checker.ts';
import { openPkgcheck } from '../check/pkgcheck-scan.ts';
import { createRepositoryRules } from '../check/repository-rules.ts';
import { examine } from '../doctor/doctor.ts';
import { openMachine } from '../doctor/machine.ts';
import { type BashParser, createBashParser } from '../ebuild/bash-parser.ts';
import { parseEbuild } from '../ebuild/facts.ts';
import { createLiveText } from '../ebuild/live-text.ts';
import { showLine, showText } from '../errors/visible-text.ts';
import { describeFailure, stackOf } from '../host/failure-sentence.ts';
import { makeHome, unpackRoot } from '../host/find-world.ts';
import { readEbuild } from '../repository/ebuild-text.ts';
import { findEvidencePlaces } from '../trial/evidence-places.ts';
import { openStoredTrials } from '../trial/records/stored-trials.ts';
import { createTrialRunner } from '../trial/trial-runner.ts';
import { listen } from './connection.ts';
import { guardFrames } from './frame-guard.ts';
import { toPath } from './from-protocol.ts';

// V8 makes the parser once more with its optimising compiler while it is used: for more than a second on another processor, and with 40 MiB.
// A keystroke takes as long without (docs/performance.md).
setFlagsFromString('--liftoff-only');

// The unprivileged user that builds for root must be able to read the files of a trial.
process.umask(0o022);

/** Locates a file in the folder `dist` of the extension, where this file's bundle is `server/main.mjs`. */
const dist = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

async function openParser(): Promise<BashParser> {
  try {
    return await createBashParser(
      await readFile(dist('wasm/web-tree-sitter.wasm')),
      await readFile(dist('wasm/tree-sitter-bash.wasm')),
    );
  } catch (error) {
    process.stderr.write(`ebuild-audit: ${showLine(describeFailure(error))}\n`);
    process.exit(2);
  }
}
const parser = await openParser();

// The server ends after its trials, not as soon as its input ends, so the library gets a copy of the input that never ends.
const input = new PassThrough();
guardFrames(process.stdin, input, endBroken);
const reader = new StreamMessageReader(input);
reader.onError(() => endBroken('a message is not JSON'));
const connection = createConnection(ProposedFeatures.all, reader, new StreamMessageWriter(process.stdout));
const log = (text: string) => connection.console.log(showText(text));
// Only the protocol may write to standard output.
console.log = console.info = console.warn = console.error = (...parts: unknown[]) => log(parts.join(' '));

// After an error that nothing has caught, the state is not known: the trials end, and the editor starts another server.
let hasFailed = false;
function fail(error: unknown): void {
  if (hasFailed) return;
  hasFailed = true;
  process.stderr.write(`ebuild-audit: ${showLine(describeFailure(error))}\n`);
  const stack = stackOf(error);
  if (stack !== undefined) process.stderr.write(`${showText(stack)}\n`);
  void stop().finally(() => process.exit(2));
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, fail);

const readFacts = (text: string) => parseEbuild(text, parser);
const rulesOf = createRepositoryRules(log);

const stop = listen(connection, {
  openText: () => createLiveText(parser),
  judge: (record, facts, uri) => judgeSilenced(record, facts, rulesOf(toPath(uri) ?? '')),
  createRunner: (settings) => createTrialRunner(settings, readFacts, log),
  openStored: (settings) => openStoredTrials(settings, log),
  async createChecker(settings, trusted, wait) {
    const root = await unpackRoot(settings, makeHome(process.geteuid?.() ?? 0), wait);
    return openChecker(parser, root, {
      log,
      rulesOf,
      ...(trusted && settings.pkgcheck === 'auto' ? { scan: openPkgcheck(settings) } : {}),
    });
  },
  examine: (settings, file) => examine(openMachine(settings, async () => parser, file)),
  readFile: readEbuild,
  findPlaces: async (settings, record) => findEvidencePlaces(record, settings.root),
});

/** Ends the server after input that it cannot follow, because it would never answer again. @param reason as a clause */
function endBroken(reason: string): void {
  process.stderr.write(`ebuild-audit: The connection is broken, so the server ends: ${reason}.\n`);
  void stop().finally(() => process.exit(1));
}

process.stdin.once('end', () => void stop().finally(() => process.exit(1)));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.once(signal, () => void stop().finally(() => process.exit(1)));
}
