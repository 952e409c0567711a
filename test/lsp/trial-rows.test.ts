import { describe, expect, test } from 'vitest';
import {
  describeRow,
  ownerRows,
  rowsBelow,
  type TrialRow,
  topRows,
} from '../../client/src/trial/trial-rows.ts';
import type { TrialDependency } from '../../server/src/protocol.ts';

const dependency = (atom: string, change: Partial<TrialDependency> = {}): TrialDependency => ({
  id: atom,
  group: 'DEPEND',
  atom,
  state: 'used',
  variables: ['DEPEND'],
  owners: [`${atom}-1`],
  accesses: 3,
  range: { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } },
  findings: [],
  ...change,
});

/** The rows as a reader sees them, with the state of those that have others below. */
function draw(rows: readonly TrialRow[]): string[] {
  return rows.map((row) => {
    const { label, description, state, icon } = describeRow(row);
    return `${icon} ${label} (${description}) ${state}`;
  });
}

describe('the rows of the view of a trial', () => {
  test('groups say how many dependencies they have, and what is left out stands at the end', () => {
    const missing = dependency('media-libs/libpng', {
      group: 'undeclared',
      state: 'needed',
      findings: [{ code: 'missing-depend', severity: 'error', message: 'It is missing.' }],
    });
    const rows = topRows({
      dependencies: [missing, dependency('sys-libs/zlib'), dependency('sys-apps/sed', { group: 'system' })],
      limits: ['There may be more.'],
    });
    expect(draw(rows)).toEqual([
      'question Undeclared packages (1, 1 with findings) expanded',
      'symbol-array DEPEND (1) expanded',
      'symbol-array In @system (1) collapsed',
      'info There may be more. () none',
    ]);
    expect(draw(rows.slice(0, 2).flatMap(rowsBelow))).toEqual([
      'error media-libs/libpng (missing-depend · needed · DEPEND · 3 accesses) collapsed',
      'pass sys-libs/zlib (used · 3 accesses) collapsed',
    ]);
    expect(rows.slice(0, 1).flatMap(rowsBelow).map(describeRow)[0]).toMatchObject({
      spoken: 'media-libs/libpng, missing-depend, needed, DEPEND, 3 accesses',
      severity: 'error',
      tooltip: expect.stringContaining('missing-depend: It is missing.'),
    });
  });

  test('an only child is open, and the last rows are the files', () => {
    const path = '/usr/include/png.h';
    const file = { path, name: path, sentence: 'cc1 looked for it', denied: true, count: 2 };
    const program = { program: '/usr/bin/cc1', files: [file] };
    const owners = [
      { package: 'media-libs/libpng-1.6', phases: [{ phase: 'src_compile', programs: [program] }] },
    ];
    const seen: string[] = [];
    for (
      let rows: readonly TrialRow[] = ownerRows('d', { owners });
      rows.length > 0;
      rows = rows.flatMap(rowsBelow)
    )
      seen.push(...draw(rows));
    expect(seen).toEqual([
      'package media-libs/libpng-1.6 (2 accesses) expanded',
      'symbol-event src_compile (2 accesses) expanded',
      'terminal cc1 (2 accesses) expanded',
      'eye-closed /usr/include/png.h (hidden · 2 accesses) none',
    ]);
  });

  test('an atom without a use has nothing below, and an atom of an eclass says so', () => {
    const { range: _, ...inherited } = dependency('dev-build/cmake', {
      owners: [],
      accesses: 0,
      state: 'not-used',
    });
    const [group] = topRows({ dependencies: [inherited], limits: [] });
    expect(group && draw(rowsBelow(group))).toEqual([
      'circle-outline dev-build/cmake (no use seen · from an eclass) none',
    ]);
  });

  test('very many rows come in pages, none is lost, and no two have the same id', () => {
    const many = Array.from({ length: 450 }, (_, at) => dependency(`a/b${at}`));
    const [group] = topRows({ dependencies: many, limits: [] });
    const first = group === undefined ? [] : rowsBelow(group);
    expect(draw(first.slice(-1))).toEqual(['ellipsis 250 more () collapsed']);
    const ids: string[] = [];
    const walk = (rows: readonly TrialRow[]): void => {
      for (const row of rows) {
        ids.push(row.id);
        if (row.kind === 'more') walk(rowsBelow(row));
      }
    };
    walk(first);
    expect(ids.filter((id) => id.startsWith('DEPEND/a/'))).toHaveLength(450);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
