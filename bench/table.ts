/** One line of the output of `npm run bench`. */
export interface Row {
  /** The subject of the measurement, as a phrase. */
  readonly what: string;
  /** The figure with its unit. */
  readonly figure: string;
  /** A thing that was measured in the same run, and the ratio to it, e.g. `{ with: 'reading the files', ratio: 3.1 }`. */
  readonly compared?: { readonly with: string; readonly ratio: number };
  /** The target, and whether this run reaches it. */
  readonly target?: { readonly text: string; readonly met: boolean };
}

/** A program that measures and returns lines of the table. It is not a test, because machines are noisy. */
export interface Benchmark {
  readonly name: string;
  run(): Promise<readonly Row[]>;
}

/** The middle value; for an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which this share of the values is, by linear interpolation between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * Runs the programs in turn, so that a disturbance of the machine affects all of them alike.
 *
 * @returns the times of each program in milliseconds
 */
export async function interleave(
  rounds: number,
  programs: readonly (() => unknown)[],
): Promise<readonly number[][]> {
  const times = programs.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, program] of programs.entries()) {
      const began = performance.now();
      await program();
      times[index]?.push(performance.now() - began);
    }
  }
  return times;
}

/** Prints the lines in columns. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.figure,
    row.compared === undefined ? '' : `${row.compared.ratio.toPrecision(3)} × ${row.compared.with}`,
    row.target === undefined ? '' : formatTarget(row.target),
  ]);
  return formatColumns(['what', 'figure', 'ratio', 'wanted'], cells);
}

/** Whether a target is met, in words. */
export function formatTarget(target: { readonly text: string; readonly met: boolean }): string {
  return `${target.met ? 'met' : 'MISSED'}: ${target.text}`;
}

/** Prints cells in columns below their heads. */
export function formatColumns(heads: readonly string[], cells: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}
