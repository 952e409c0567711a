/** Counts the work of the language server with the real parser, judge and checker. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { judgeSilenced } from '../../server/src/audit/silencing/judge-silenced.ts';
import { createChecker } from '../../server/src/check/checker.ts';
import type { BashParser } from '../../server/src/ebuild/bash-parser.ts';
import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import { type AuditServer, createAuditServer } from '../../server/src/lsp/audit-server.ts';
import type { StatusParams } from '../../server/src/protocol.ts';
import { fakeIndex } from '../check/fake-index.ts';
import { bash } from '../ebuild/bash.ts';
import { ALL_FEATURES, makeRecord } from './fakes.ts';

const TEXT = `EAPI=8

DESCRIPTION="An example"
SLOT="0"
DEPEND="
	dev-libs/absent
	dev-libs/here
"
RDEPEND="\${DEPEND}"

src_compile() {
	emake
}
`;

let folder: string;
let uri: string;
let server: AuditServer;
let version: number;
/** The texts that were parsed, as `whole` or `incremental`. */
let parses: string[];
let judgings: number;
let checks: number;
let published: { readonly code?: unknown }[];
let statuses: StatusParams[];

/** A real parser that counts its parses. */
function countingParser(): BashParser {
  const { parser } = bash;
  const parse: typeof parser.parse = (text, previous, options) => {
    parses.push(previous === undefined || previous === null ? 'whole' : 'incremental');
    return parser.parse(text, previous, options);
  };
  return { language: bash.language, parser: { parse, reset: () => parser.reset() } as typeof parser };
}

function createServer(): AuditServer {
  const parser = countingParser();
  const index = fakeIndex({ packages: [['dev-libs', 'here', '1']] });
  return createAuditServer(
    {
      publishDiagnostics({ diagnostics }) {
        published = [...diagnostics];
      },
      status: (status) => void statuses.push(status),
      settings: async () => ({}),
      isTrusted: () => false,
      isDistrusted: () => false,
      onConfigurationChanged: () => {},
      beginProgress: async () => ({ report: () => {}, done: () => {} }),
      showMessage: () => {},
      showDocument: async () => false,
      applyEdit: async () => false,
      refreshHints: () => {},
      log: () => {},
    },
    {
      openText: () => createLiveText(parser),
      judge(record, facts) {
        judgings++;
        return judgeSilenced(record, facts, []);
      },
      createRunner: () => ({
        run: () => Promise.reject(new Error('no trial is run here')),
        recall: async () => ({ record: makeRecord(TEXT, ['media-libs/libpng']), change: undefined }),
      }),
      createChecker() {
        const root = join(folder, 'root');
        const checker = createChecker({ parser, home: folder, root, openIndex: () => index });
        return {
          ...checker,
          check(file, facts) {
            checks++;
            return checker.check(file, facts);
          },
        };
      },
      findPlaces: async () => new Map(),
      examine: async () => [],
      openStored: async () => ({ rootPath: '/', list: () => [] }),
      readFile: () => Promise.reject(new Error('no file is read here')),
    },
    ALL_FEATURES,
  );
}

function edit(text: string): void {
  server.changed(TextDocument.create(uri, 'ebuild', ++version, text));
}

/** The work since the last call. */
function workDone() {
  const done = { parses, judgings, checks };
  parses = [];
  judgings = 0;
  checks = 0;
  return done;
}

/** Requests everything that an editor requests after a keystroke. */
function askAll(): void {
  const position = { line: 4, character: 2 };
  const range = { start: position, end: position };
  const textDocument = { uri };
  expect(server.hover({ textDocument, position })?.contents).toMatchObject({
    value: expect.stringContaining('missing'),
  });
  expect(server.codeActions({ textDocument, range, context: { diagnostics: [] } })).not.toEqual([]);
  server.completion({ textDocument, position: { line: 5, character: 12 } });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-open-ebuild-'));
  const file = join(folder, 'overlay/dev-test/tool/tool-1.ebuild');
  for (const [path, text] of [
    ['overlay/profiles/repo_name', 'overlay\n'],
    ['overlay/dev-test/tool/tool-1.ebuild', TEXT],
    ['root/var/db/pkg/dev-libs/here-1/SLOT', '0\n'],
    ['root/var/db/pkg/dev-libs/here-1/CONTENTS', ''],
  ] as const) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  uri = pathToFileURL(file).href;
  version = 0;
  published = [];
  statuses = [];
  workDone();
  server = createServer();
  edit(TEXT);
  for (let waited = 0; published.length < 2 && waited < 2000; waited += 5)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(published.map(({ code }) => code)).toEqual(['missing-depend', 'unknown-package']);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('an opened ebuild is parsed once, however often more is known about it', () => {
  expect(workDone().parses).toEqual(['whole']);
});

test('a keystroke with a record parses once, judges once and checks once; every question after it costs nothing', () => {
  workDone();
  edit(TEXT.replace('An example', 'An examples'));
  expect(workDone()).toEqual({ parses: ['incremental'], judgings: 1, checks: 1 });
  expect(statuses.at(-1)?.state).toBe('findings');
  askAll();
  expect(workDone()).toEqual({ parses: [], judgings: 0, checks: 0 });
});

test('the same text again costs nothing', () => {
  workDone();
  edit(TEXT);
  expect(workDone()).toEqual({ parses: [], judgings: 0, checks: 0 });
});

test('other ignore rules judge and check the text again, and do not parse it', () => {
  workDone();
  server.filesChanged([`${pathToFileURL(folder).href}/overlay/metadata/ebuild-audit.ignore`]);
  expect(workDone()).toEqual({ parses: [], judgings: 1, checks: 1 });
});

test('the texts on the way to a fixed text are not texts of the document', () => {
  workDone();
  const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
  const [action] = server.codeActions({
    textDocument: { uri },
    range,
    context: { diagnostics: [], only: ['source.fixAll'] },
  });
  expect(action?.title).toBe('Apply all safe fixes');
  // One parse: the text after the only safe fix has a reader of its own.
  expect(workDone()).toEqual({ parses: ['whole'], judgings: 1, checks: 1 });
  askAll();
  expect(workDone()).toEqual({ parses: [], judgings: 0, checks: 0 });
  edit(TEXT.replace('An example', 'An examples'));
  expect(workDone().parses).toEqual(['incremental']);
});

test('an ebuild that is closed and opened again is judged by the rules of today', () => {
  workDone();
  server.closed(uri);
  edit(TEXT);
  expect(workDone()).toEqual({ parses: [], judgings: 1, checks: 1 });
});
