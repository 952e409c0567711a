import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ReportProblem, readText } from '../../files/regular-file.ts';
import { removeLeftovers, replaceFile } from '../../files/replace-file.ts';
import { type PackageTable, parsePackageTable, printPackageTable } from './package-table.ts';

/** Limit in bytes. The table of Gentoo's own repository has some MiB. */
const LARGEST_TABLE = 128 * 2 ** 20;

/** The file of a repository's table. */
export function tableFile(cacheFolder: string, location: string): string {
  const digest = createHash('sha256').update(location).digest('hex').slice(0, 16);
  return join(cacheFolder, `repository-index-${digest}.json`);
}

/** The saved table; undefined if there is none that can be used. */
export function loadTable(cacheFolder: string, location: string): PackageTable | undefined {
  const text = readText(tableFile(cacheFolder, location), [cacheFolder], () => undefined, LARGEST_TABLE);
  return text === undefined ? undefined : parsePackageTable(text, location);
}

/** Saves a table. A reader sees either the old file or the new one. If it cannot be written, that is reported. */
export function saveTable(cacheFolder: string, table: PackageTable, report: ReportProblem): void {
  const file = tableFile(cacheFolder, table.location);
  try {
    mkdirSync(cacheFolder, { recursive: true });
    removeLeftovers(cacheFolder, `${basename(file)}.`);
    replaceFile(file, printPackageTable(table));
  } catch (error) {
    report(
      `The index of ${table.location} cannot be kept in ${cacheFolder} (${(error as NodeJS.ErrnoException).code}); make the folder writable.`,
    );
  }
}
