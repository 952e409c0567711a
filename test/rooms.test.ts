import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SOURCES = 'server/src';

describe('the compiler', () => {
  // A test must not write into the sources that others are reading, and a kill would leave the file there.
  const copy = mkdtempSync(join(tmpdir(), 'ebuild-audit-rooms-'));
  beforeAll(() => {
    cpSync(SOURCES, join(copy, SOURCES), { recursive: true });
    cpSync('tsconfig.base.json', join(copy, 'tsconfig.base.json'));
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    symlinkSync(resolve('server/node_modules'), join(copy, 'server/node_modules'));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  /** The compiler's errors when a room gets a file with this line. */
  function compileWith(room: string, line: string): string {
    const intruder = join(copy, SOURCES, room, 'intruder.ts');
    writeFileSync(intruder, `${line}\n`);
    try {
      const compiler = resolve('node_modules/typescript/bin/tsc');
      return execFileSync(process.execPath, [compiler, '-b', join(SOURCES, room)], {
        cwd: copy,
        encoding: 'utf8',
      });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    } finally {
      rmSync(intruder);
    }
  }

  test('takes the rooms as they are', () => {
    expect(compileWith('cli', 'export {};')).toBe('');
  }, 120_000);

  test.each(['errors', 'pms', 'ebuild', 'trace', 'audit', 'language', 'navigation', 'repository-files'])(
    'lets no file of %s import Node',
    (room) => {
      expect(compileWith(room, "export { readFileSync } from 'node:fs';")).toMatch(
        /intruder\.ts.*TS2591|intruder\.ts.*TS2307/,
      );
    },
  );

  test.each([
    ['pms', '../ebuild/edit/edit.ts'],
    ['ebuild', '../audit/record.ts'],
    ['trace', '../audit/record.ts'],
    ['audit', '../sandbox/sandbox.ts'],
    ['installed', '../trial/trial.ts'],
    ['sandbox', '../audit/record.ts'],
    ['host', '../trial/trial.ts'],
    ['evaluation', '../trial/trial.ts'],
    ['image', '../trial/trial.ts'],
    ['trial', '../cli/trial-command.ts'],
    ['trial', '../check/checker.ts'],
    ['check', '../trial/trial.ts'],
    ['repository-files', '../check/checker.ts'],
    ['trial', '../review/review.ts'],
    ['review', '../cli/review-command.ts'],
    ['review', '../page/html-page.ts'],
    ['page', '../cli/report/html-report.ts'],
    ['trial', '../sweep/plan.ts'],
    ['review', '../sweep/plan.ts'],
    ['sweep', '../review/review.ts'],
    ['sweep', '../check/checker.ts'],
    ['sweep', '../page/html-page.ts'],
    ['trial', '../sharing/envelope.ts'],
    ['review', '../sharing/envelope.ts'],
    ['sharing', '../review/review.ts'],
    ['trial', '../remote/order.ts'],
    ['review', '../remote/order.ts'],
    ['remote', '../sharing/envelope.ts'],
    ['remote', '../cli/trial-command.ts'],
    ['doctor', '../lsp/settings.ts'],
    ['sharing', '../cli/record-command.ts'],
    ['check', '../lsp/settings.ts'],
    ['cli', '../lsp/settings.ts'],
  ])('lets no file of %s import %s', (room, target) => {
    expect(compileWith(room, `export type * from '${target}';`)).toMatch(/TS6307|TS6059/);
  });
});

describe('the import graph', () => {
  /** The rooms from the ground up; each imports only what stands before it. */
  const FLOORS = [
    ['errors', 'pms', 'reapi'],
    ['files', 'ebuild', 'trace'],
    ['repository', 'installed', 'package-manager', 'sandbox', 'audit'],
    ['host', 'language'],
    ['evaluation', 'image', 'navigation'],
    ['check', 'layers', 'repository-files'],
    ['trial'],
    ['review', 'sweep', 'sharing', 'remote', 'doctor'],
    ['page'],
    ['protocol.ts', 'lsp', 'cli'],
  ];
  const imports = readImports();
  const floorOf = (path: string) => FLOORS.findIndex((rooms) => rooms.includes(path.split('/')[0] ?? ''));

  test('knows every room', () => {
    expect(new Set(readdirSync(SOURCES))).toEqual(new Set(FLOORS.flat()));
  });

  test('has no arrow upwards', () => {
    expect(imports.filter(({ from, to }) => floorOf(from) < floorOf(to))).toEqual([]);
  });

  test('has none between rooms that stand side by side but those that are named here', () => {
    const aside = imports
      .map(({ from, to }) => [from.split('/')[0], to.split('/')[0]] as const)
      .filter(([from, to]) => from !== to && floorOf(from ?? '') === floorOf(to ?? ''))
      .map((pair) => pair.join(' → '));
    expect([...new Set(aside)].sort()).toEqual(['lsp → protocol.ts']);
  });

  test('has no circle, in whichever folder one stands', () => {
    expect(findCircles(imports)).toEqual([]);
  });

  test('and a circle would be found', () => {
    const circle = [
      { from: 'a/b/one.ts', to: 'a/c/two.ts' },
      { from: 'a/c/three.ts', to: 'a/b/four.ts' },
    ];
    expect(findCircles(circle)).toEqual(['a/b ⇄ a/c']);
    expect(findCircles([...imports, { from: 'pms/atom.ts', to: 'cli/main.ts' }])).not.toEqual([]);
  });
});

interface Import {
  /** Paths below the sources. */
  readonly from: string;
  readonly to: string;
}

function readImports(): Import[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  return files.flatMap((from) => {
    const text = readFileSync(join(SOURCES, from), 'utf8');
    return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) => ({
      from,
      to: posix.join(posix.dirname(from), path),
    }));
  });
}

/**
 * Circles among what lies side by side in a folder, files and subfolders alike: `A ⇄ B` where each leads to the other by imports between
 * entries of that folder.
 */
function findCircles(imports: readonly Import[]): string[] {
  const arrows = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [left, right] = [from.split('/'), to.split('/')];
    const parted = left.findIndex((name, depth) => name !== right[depth]);
    if (parted < 0) continue;
    const source = left.slice(0, parted + 1).join('/');
    arrows.set(source, (arrows.get(source) ?? new Set()).add(right.slice(0, parted + 1).join('/')));
  }
  const reachable = (start: string) => {
    const seen = new Set<string>();
    const waiting = [start];
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      for (const next of arrows.get(entry) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        waiting.push(next);
      }
    }
    return seen;
  };
  const reach = new Map([...arrows.keys()].map((entry) => [entry, reachable(entry)]));
  return [...reach].flatMap(([entry, reached]) =>
    [...reached]
      .filter((other) => entry < other && reach.get(other)?.has(entry) === true)
      .map((other) => `${entry} ⇄ ${other}`),
  );
}
