import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TrialRecord } from '../server/src/audit/record.ts';
import { judgeSilenced } from '../server/src/audit/silencing/judge-silenced.ts';
import { createChecker } from '../server/src/check/checker.ts';
import type { BashParser } from '../server/src/ebuild/bash-parser.ts';
import { createLiveText } from '../server/src/ebuild/live-text.ts';
import { isForUser } from '../server/src/errors/user-error.ts';
import { type AuditServer, createAuditServer } from '../server/src/lsp/audit-server.ts';
import type { Client } from '../server/src/lsp/client.ts';
import { SERVER_COMMANDS } from '../server/src/protocol.ts';
import { openBash } from './bash.ts';
import { generatedIndex } from './generated-index.ts';
import { lengthenEbuild, PACKAGES } from './long-ebuild.ts';
import { makeRandom } from './random.ts';
import { findRealRecord } from './real-record.ts';
import { type Benchmark, quantile, type Row } from './table.ts';

/**
 * The lengths of the ebuilds, and the limits for the 95th percentile of a keystroke. The short one is first, because it would pay for
 * collecting the garbage of the long one.
 */
const SIZES = [
  { lines: 150, most: 3 },
  { lines: 1000, most: 10 },
] as const;
const KEYSTROKES = 500;
/** The first keystrokes are not counted, because the engine compiles the program while it handles them. */
const WARM_UP = 250;
/** Letters, and characters that open and close brackets or quotes. */
const KEYS = [...'abcdefghij-/:"[( \n$'];
/** Each makes a text that the grammar cannot read. The last one is rejected before it is parsed. */
const ERRORS = ['"', "'", '(', '`', '{ ', 'if ', '$(', '('.repeat(31)];

/** Measures the work of the language server for one keystroke in an ebuild with the stored record of a real trial. */
export const keystroke: Benchmark = {
  name: 'keystroke',
  async run() {
    const bash = await openBash();
    let record: TrialRecord;
    try {
      record = await findRealRecord(bash);
    } catch (error) {
      if (!isForUser(error)) throw error;
      return [{ what: 'keystroke with a stored record', figure: `not measured: ${error.message}` }];
    }
    const folder = mkdtempSync(join(tmpdir(), 'bench-keystroke-'));
    try {
      const rows: Row[] = [];
      for (const size of SIZES) rows.push(...(await measure(folder, bash, record, size)));
      return rows;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The cost of one keystroke in milliseconds. */
interface Sample {
  readonly took: number;
  /** The processor time, which is more reliable on a busy machine. */
  readonly processor: number;
  /** tree-sitter's parse of the whole text, for comparison. */
  readonly parse: number;
  readonly isBash: boolean;
}

async function measure(
  folder: string,
  bash: BashParser,
  record: TrialRecord,
  { lines, most }: (typeof SIZES)[number],
): Promise<readonly Row[]> {
  const { server, uri, settled } = openServer(folder, bash, record);
  const text = lengthenEbuild(record.text, lines);
  let version = 0;
  const show = (next: string): Pick<Sample, 'took' | 'processor'> => {
    const document = TextDocument.create(uri, 'ebuild', ++version, next);
    const used = process.cpuUsage();
    const began = performance.now();
    server.changed(document);
    const took = performance.now() - began;
    const { user, system } = process.cpuUsage(used);
    return { took, processor: (user + system) / 1000 };
  };
  show(text);
  await settled();
  const samples: Sample[] = [];
  for (const next of typeInto(text)) {
    const shown = show(next);
    const began = performance.now();
    const tree = bash.parser.parse(next);
    const parse = performance.now() - began;
    samples.push({ ...shown, parse, isBash: tree?.rootNode.hasError === false });
    tree?.delete();
  }
  await server.stop();
  const counted = samples.slice(WARM_UP);
  return [
    ...describe(`keystroke with a stored record, ${lines} lines, ${PACKAGES} packages`, counted, most, true),
    ...describe(`the same in a text that is not bash, ${lines} lines`, counted, most, false),
  ];
}

function describe(what: string, taken: readonly Sample[], most: number, isBash: boolean): Row[] {
  const samples = taken.filter((sample) => sample.isBash === isBash);
  const at = (share: number, figure: 'took' | 'processor' | 'parse') =>
    quantile(
      samples.map((sample) => sample[figure]),
      share,
    );
  const row = (share: number, name: string): Row => ({
    what: `${what}, ${name} of ${samples.length}`,
    figure: `${at(share, 'took').toFixed(2)} ms (processor ${at(share, 'processor').toFixed(2)} ms)`,
    compared: {
      with: `tree-sitter's parse of the whole text, ${name}`,
      ratio: at(share, 'took') / at(share, 'parse'),
    },
  });
  const target = { text: `≤ ${most} ms`, met: at(0.95, 'took') <= most };
  return [{ ...row(0.95, 'p95'), target }, row(0.5, 'median')];
}

/** The successive texts of an editor while an author types. */
function* typeInto(text: string): Generator<string> {
  const random = makeRandom(7);
  const insert = (into: string, part: string): string => {
    const at = Math.floor(random() * into.length);
    return into.slice(0, at) + part + into.slice(at);
  };
  for (let typed = 0; typed < KEYSTROKES; typed++) {
    yield insert(text, KEYS[Math.floor(random() * KEYS.length)] ?? 'a');
    // Every other keystroke undoes the previous one, so the text remains an ebuild.
    yield text;
    if (typed % 2 === 0) continue;
    // A mistake remains while the author types elsewhere.
    let wrong = insert(text, ERRORS[Math.floor(random() * ERRORS.length)] ?? '"');
    yield wrong;
    for (const letter of 'abc') {
      wrong = insert(wrong, letter);
      yield wrong;
    }
    yield text;
  }
}

/** Creates a server with a client that shows nothing. */
function openServer(folder: string, bash: BashParser, record: TrialRecord) {
  const file = join(folder, `overlay/${record.category}/x/${record.packageAndVersion}.ebuild`);
  mkdirSync(dirname(file), { recursive: true });
  mkdirSync(join(folder, 'overlay/profiles'), { recursive: true });
  writeFileSync(join(folder, 'overlay/profiles/repo_name'), 'overlay\n');
  writeFileSync(file, record.text);
  let diagnostics = 0;
  const client: Client = {
    publishDiagnostics(params) {
      diagnostics = params.diagnostics.length;
    },
    status: () => {},
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
  };
  const place = { home: join(folder, 'home'), root: join(folder, 'root') };
  const server: AuditServer = createAuditServer(
    client,
    {
      openText: () => createLiveText(bash),
      judge: (judged, facts) => judgeSilenced(judged, facts, []),
      createRunner: () => ({
        run: () => Promise.reject(new Error('No trial is run here.')),
        recall: async () => ({ record, change: undefined }),
      }),
      createChecker: () => createChecker({ ...place, parser: bash, openIndex: () => generatedIndex() }),
      findPlaces: async () => new Map(),
      examine: async () => [],
      openStored: async () => ({ rootPath: '/', list: () => [] }),
      readFile: async () => record.text,
    },
    {
      relatedInformation: true,
      documentChanges: true,
      diagnosticsInHover: false,
      markdownHover: true,
      unnecessaryTag: true,
      lensCommands: SERVER_COMMANDS,
      terminalCommand: undefined,
      snippets: true,
      markdownCompletion: true,
    },
  );
  return {
    server,
    uri: pathToFileURL(file).href,
    /** Resolves when the record has been read and has findings. */
    async settled() {
      for (let waited = 0; diagnostics === 0; waited++) {
        if (waited > 500) throw new Error('The server shows no findings.');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}
