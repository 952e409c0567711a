/** The pages of one trial and of two, as a tab of VS Code shows them: with its variables, and the kind of theme as a class of the body. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Result } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { formatComparisonPage } from '../../server/src/page/comparison-page.ts';
import { formatTrialPage } from '../../server/src/page/trial-page.ts';
import { compareTrials } from '../../server/src/review/compare-trials.ts';
import { makeNeed, makeUse, PAGE } from '../cli/made-page.ts';
import { findBrowser, launchBrowser } from '../editor/workbench.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { makeRecord } from '../support/trial-record.ts';

const program = findBrowser();
const can = requireOrSkip(program === undefined ? 'there is no Chromium (apt install chromium)' : undefined);

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const TEXT = 'EAPI=8\nDEPEND=""\n';

/** The findings of a page that has each kind of them. */
const FINDINGS = PAGE.ebuilds.flatMap(({ added }) => added);

const RECORD = makeRecord(TEXT, {
  needs: [makeNeed('media-libs/libpng')],
  uses: [makeUse('sys-libs/zlib'), makeUse('sys-apps/sed', { licence: 'system' })],
  gaps: ['a program outside'],
  iuse: ['png'],
  variants: [makeRecord(TEXT, { iuse: ['png'], use: ['png'] })],
  installed: { files: ['/usr/bin/one'], elf: [] },
});
const OTHER = makeRecord(`${TEXT}# more\n`, { installed: { files: ['/usr/bin/two'], elf: [] } });

const judged = (record: typeof RECORD, findings: typeof FINDINGS, name: string) => ({
  name,
  record,
  verdict: { findings, state: 'verified' as const, isBuilt: true },
});

const [old, late] = [judged(OTHER, [], '2 hours ago'), judged(RECORD, FINDINGS, 'a moment ago')];
const PAGES = {
  trial: formatTrialPage({ path: 'foo-1.ebuild', text: TEXT, ...late, change: undefined }, 0),
  comparison: formatComparisonPage(
    { file: 'foo-1.ebuild', before: old, after: late, comparison: compareTrials(old, late) },
    0,
  ),
};

/** The colours of the editor's own themes. */
const THEMES = {
  light: { back: '#ffffff', text: '#3b3b3b', kind: 'vscode-light' },
  dark: { back: '#1f1f1f', text: '#cccccc', kind: 'vscode-dark' },
} as const;

let browser: Browser;
let folder: string;
beforeAll(async () => {
  if (program === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-trial-page-'));
  for (const [name, page] of Object.entries(PAGES)) writeFileSync(join(folder, `${name}.html`), page);
  browser = await launchBrowser(program);
});
afterAll(async () => {
  await browser?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** Opens a page in the theme of the editor, on a desktop of the other kind. */
async function open(name: keyof typeof PAGES, theme: keyof typeof THEMES): Promise<Page> {
  const colorScheme = theme === 'light' ? 'dark' : 'light';
  const context = await browser.newContext({ viewport: { width: 900, height: 900 }, colorScheme });
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
  const { back, text, kind } = THEMES[theme];
  await page.evaluate(
    `document.documentElement.style.setProperty('--vscode-editor-background', '${back}');
     document.documentElement.style.setProperty('--vscode-editor-foreground', '${text}');
     document.body.className = '${kind}';
     document.querySelectorAll('details').forEach((details) => { details.open = true; });`,
  );
  return page;
}

async function findViolations(page: Page): Promise<readonly string[]> {
  // Not as an element of the page, which its policy would refuse.
  await page.evaluate(AXE);
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Result[];
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe.each(Object.keys(PAGES) as (keyof typeof PAGES)[])('the page of a %s in the editor', (name) => {
  for (const theme of ['light', 'dark'] as const)
    can(`is accessible by the rules of axe and has the colours of the theme, ${theme}`, async () => {
      const page = await open(name, theme);
      expect(await findViolations(page)).toEqual([]);
      const back = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(back).toBe(theme === 'dark' ? 'rgb(31, 31, 31)' : 'rgb(255, 255, 255)');
    });
});
