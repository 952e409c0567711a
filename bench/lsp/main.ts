/**
 * `npm run bench:lsp [-- [REPOSITORY] [--rounds N]]`: times what an author waits for in an editor, with the built language server: in a
 * repository of the machine, such as a checkout of GURU, if one is named, and in a generated tree of 20,000 packages.
 * It needs the result of `npm run build`. docs/performance.md has its figures.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { CompletionRequest, HoverRequest } from 'vscode-languageserver-protocol/node';
import { lengthenEbuild } from '../long-ebuild.ts';
import { formatColumns, formatTarget, median, quantile } from '../table.ts';
import { writeTree } from './generated-tree.ts';
import { type Session, startSession } from './session.ts';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
/** How many ebuilds of a repository are opened, and how many words of them are asked about. */
const EBUILDS = 60;
const WORDS = 300;
/** In lines. A text of 10,000 lines like these has more words than the server reads (docs/limits.md). */
const LONG = 8000;
const KEYSTROKES = 100;
/** Keystrokes before those that are timed: the engine compiles the program while it handles them. They are shown too. */
const WARM_UP = 20;
/** After this time, in milliseconds, nothing is left to do for one open ebuild. */
const REST = 3000;
/** A text that is surely wrong, whatever is known. */
const WRONG = '\nPDEPEND="dev-libs/foo-1.2"\n';

/** The figures that the project wants: milliseconds, and MiB. */
const WANTED = { start: 400, completion: 20, hover: 15, open: 20, keystroke: 30 } as const;

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-bench-lsp-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const root = join(folder, 'root');
mkdirSync(join(root, 'var/db/pkg'), { recursive: true });
const tree = join(folder, 'tree');
writeTree(tree);
const subjects = [
  ...positionals.map((path) => ({ name: path, repository: resolve(path), most: 120 })),
  { name: '20,000 packages', repository: tree, most: 200 },
];
const rows: string[][] = [];
for (const { name, repository, most } of subjects) rows.push(...(await measure(name, repository, most)));
console.log(formatColumns(['what', 'repository', 'figure', 'wanted'], rows));

async function measure(name: string, repository: string, most: number): Promise<string[][]> {
  const home = join(folder, `home-${rows.length}`);
  mkdirSync(home);
  const environment = { ...process.env, EBUILD_AUDIT_HOME: home };
  const files = sample(listEbuilds(repository), EBUILDS);
  const [first = ''] = files;
  // The first session makes the index.
  const preparing = await startSession(environment, root);
  await preparing.open(first, readFileSync(first, 'utf8'));
  await waitForIndex(preparing, first);
  await preparing.end();
  const starts: number[] = [];
  const atRest: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const session = await startSession(environment, root);
    const found = session.until(first, (diagnostics) => diagnostics.length > 0);
    await session.open(first, readFileSync(first, 'utf8') + WRONG);
    await found;
    starts.push(session.age());
    await new Promise((wake) => setTimeout(wake, REST));
    atRest.push(session.memory().now);
    await session.end();
  }
  const session = await startSession(environment, root);
  const opened: number[] = [];
  for (const file of files) opened.push(await time(() => session.open(file, readFileSync(file, 'utf8'))));
  const { completions, hovers } = await askAboutWords(session, files);
  const keystrokes = await typeInLongEbuild(session, repository);
  const { most: atMost } = session.memory();
  await session.end();
  const row = (what: string, figure: number, wanted: number, unit = 'ms') => [
    what,
    name,
    `${figure.toFixed(unit === 'ms' && figure < 10 ? 1 : 0)} ${unit}`,
    formatTarget({ met: figure <= wanted, text: `≤ ${wanted} ${unit}` }),
  ];
  return [
    row('process start → first finding, median', median(starts), WANTED.start),
    row('completion, 95 of 100', share(completions), WANTED.completion),
    row('hover, 95 of 100', share(hovers), WANTED.hover),
    row('open → diagnostics, 95 of 100', share(opened), WANTED.open),
    row('keystroke in 8,000 lines, 95 of 100', share(keystrokes.slice(WARM_UP)), WANTED.keystroke),
    row('the first keystrokes there, median', median(keystrokes.slice(0, WARM_UP)), WANTED.keystroke),
    row('memory with one ebuild, median', median(atRest), most, 'MiB'),
    row('memory after all of this, at most', atMost, most, 'MiB'),
  ];
}

/** Asks for completion and hover at words of all open ebuilds, in turn. */
async function askAboutWords(session: Session, files: readonly string[]) {
  const completions: number[] = [];
  const hovers: number[] = [];
  const perFile = Math.ceil(WORDS / files.length);
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').split('\n');
    const textDocument = { uri: pathToFileURL(file).href };
    const words = lines.flatMap((line, number) =>
      [...line.matchAll(/[\w/${}.-]{3,}/g)].map(({ index }) => ({ line: number, character: index + 2 })),
    );
    for (const position of sample(words, perFile)) {
      const params = { textDocument, position };
      completions.push(await time(() => session.connection.sendRequest(CompletionRequest.type, params)));
      hovers.push(await time(() => session.connection.sendRequest(HoverRequest.type, params)));
    }
  }
  return { completions, hovers };
}

async function typeInLongEbuild(session: Session, repository: string): Promise<number[]> {
  const file = join(repository, 'dev-bench/long/long-1.ebuild');
  mkdirSync(join(file, '..'), { recursive: true });
  const text = lengthenEbuild('EAPI=8\nDESCRIPTION="A long one"\nSLOT="0"\n', LONG);
  try {
    writeFileSync(file, text);
    await session.open(file, text);
    const taken: number[] = [];
    const at = { line: 1, character: 'DESCRIPTION="A long one'.length };
    for (let version = 2; version < WARM_UP + KEYSTROKES + 2; version++)
      taken.push(await time(() => session.type(file, at, '.', version)));
    return taken;
  } finally {
    rmSync(join(repository, 'dev-bench'), { recursive: true, force: true });
  }
}

/** Waits until the index has been stored: it is when nothing has been written for a while. */
async function waitForIndex(session: Session, file: string): Promise<void> {
  let published = performance.now();
  void (async () => {
    for (;;) {
      await session.until(file, () => true);
      published = performance.now();
    }
  })();
  while (performance.now() - published < 5000) await new Promise((wake) => setTimeout(wake, 200));
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The duration that 95 of 100 do not exceed. */
function share(taken: readonly number[]): number {
  return quantile(taken, 0.95);
}

/** Every n-th of a list, so that there are at most `count`. */
function sample<T>(list: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, Math.floor(list.length / count));
  return list.filter((_, index) => index % step === 0).slice(0, count);
}

function listEbuilds(repository: string): readonly string[] {
  return readdirSync(repository, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ebuild') && path.split('/').length === 3)
    .map((path) => join(repository, path))
    .filter((path) => statSync(path).isFile())
    .sort();
}
