/** The page of a sweep in a browser. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Result } from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { formatSweepPage } from '../../server/src/page/sweep-page.ts';
import { createKnownFindings, createTally } from '../../server/src/sweep/tally.ts';
import { findBrowser, launchBrowser } from '../editor/workbench.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { faultyLine, triedLine, untriedLine } from '../sweep/lines.ts';

const program = findBrowser();
const can = requireOrSkip(program === undefined ? 'there is no Chromium (apt install chromium)' : undefined);
const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

const tally = createTally(createKnownFindings());
for (let at = 0; at < 400; at++) {
  tally.add(
    faultyLine(`dev-libs/a-package-with-a-long-name-${at}/a-package-with-a-long-name-${at}-1.ebuild`, ['x']),
  );
  tally.add(untriedLine({ file: `a/c${at}/c-1.ebuild` }));
}
const failure = { phase: 'compile', firstError: 'x'.repeat(1000) };
tally.add(triedLine({ outcome: 'failed', judged: false, failure }));
const PAGE = formatSweepPage({ summary: tally.read(), total: 900, isFinished: false }, 0);

let browser: Browser;
let folder: string;
beforeAll(async () => {
  if (program === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sweep-page-'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  browser = await launchBrowser(program);
});
afterAll(async () => {
  await browser?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

describe('the page of a sweep', () => {
  for (const colorScheme of ['light', 'dark'] as const)
    can(`is accessible by the rules of axe and asks for nothing else, ${colorScheme}`, async () => {
      const context = await browser.newContext({ viewport: { width: 900, height: 900 }, colorScheme });
      const page = await context.newPage();
      const requests: string[] = [];
      page.on('request', (request) => void requests.push(request.url()));
      await page.goto(pathToFileURL(join(folder, 'index.html')).href);
      await page.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; });",
      );
      // Not as an element of the page, which its policy would refuse.
      await page.evaluate(AXE);
      const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Result[];
      expect(found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
      expect(requests).toHaveLength(1);
      await context.close();
    });

  can('is no wider than a small screen', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 700 } });
    const page = await context.newPage();
    await page.goto(pathToFileURL(join(folder, 'index.html')).href);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await context.close();
  });
});
