/** The tables of findings in README.md, written from the pages in docs/findings/. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REVIEW_CODES, STATIC_CODES, TRIAL_CODES } from '../server/src/audit/finding.ts';
import { mainSeverity, type PageHead, readPageHead } from '../server/src/cli/finding-page.ts';

/** The codes of each table. A table is between `<!-- findings: NAME -->` and `<!-- end of findings -->`. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  trial: TRIAL_CODES,
  text: STATIC_CODES,
  review: REVIEW_CODES,
};

/** The order of severities, the most severe first. */
const SEVERITIES = ['error', 'warning', 'information', 'hint'];

/**
 * Reads the beginning of every page.
 *
 * @param folder docs/findings
 * @throws an Error that names the first page without a heading `# CODE (SEVERITY)` and a summary line
 */
export function readPages(folder: string): PageHead[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const head = readPageHead(readFileSync(join(folder, name), 'utf8'));
      if (head === undefined || `${head.code}.md` !== name)
        throw new Error(
          `${join(folder, name)} must begin with "# ${name.slice(0, -'.md'.length)} (SEVERITY)", an empty line, a summary of one line and an empty line`,
        );
      return head;
    });
}

/**
 * Lists what is missing where the codes of the server and the pages do not match.
 *
 * @returns one sentence each; empty if they match
 */
export function comparePages(pages: readonly PageHead[]): string[] {
  const codes: readonly string[] = Object.values(TABLES).flat();
  const written = pages.map(({ code }) => code);
  return [
    ...codes
      .filter((code) => !written.includes(code))
      .map((code) => `The code ${code} has no page: write docs/findings/${code}.md.`),
    ...written
      .filter((code) => !codes.includes(code))
      .map(
        (code) =>
          `docs/findings/${code}.md has no code: add ${code} to TRIAL_CODES, STATIC_CODES or REVIEW_CODES in server/src/audit/finding.ts, or remove the page.`,
      ),
  ];
}

/**
 * Replaces the tables of a README.
 *
 * @returns the new text; the same text if the tables are up to date
 * @throws an Error if the marks of a table are missing
 */
export function writeTables(readme: string, pages: readonly PageHead[]): string {
  return Object.entries(TABLES).reduce((text, [name, codes]) => {
    const table = formatTable(pages.filter(({ code }) => codes.includes(code)));
    const marked = new RegExp(`(?<=<!-- findings: ${name} -->\n).*?(?=<!-- end of findings -->)`, 's');
    if (!marked.test(text))
      throw new Error(`README.md has no "<!-- findings: ${name} -->" … "<!-- end of findings -->"`);
    return text.replace(marked, () => `\n${table}\n\n`);
  }, readme);
}

function formatTable(pages: readonly PageHead[]): string {
  const rank = (page: PageHead) => SEVERITIES.indexOf(mainSeverity(page));
  const rows = pages
    .toSorted((left, right) => rank(left) - rank(right) || (left.code < right.code ? -1 : 1))
    .map((page) => {
      const summary = page.summary.replaceAll('|', '\\|');
      return `| [${page.code}](docs/findings/${page.code}.md) | ${mainSeverity(page)} | ${summary} |`;
    });
  return ['| code | severity | meaning |', '|---|---|---|', ...rows].join('\n');
}
