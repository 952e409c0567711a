/** The page of a review in a browser: what it looks like to people, to keyboards, to printers and to screen readers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Result } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { formatHtml } from '../../server/src/cli/report/html-report.ts';
import { PAGE } from '../cli/made-page.ts';
import { SETTING } from '../cli/made-review.ts';
import { findBrowser, launchBrowser } from '../editor/workbench.ts';
import { requireOrSkip } from '../support/requirement.ts';

const program = findBrowser();
const can = requireOrSkip(program === undefined ? 'there is no Chromium (apt install chromium)' : undefined);

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');

let browser: Browser;
let folder: string;
let address: string;
beforeAll(async () => {
  if (program === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-page-'));
  const file = join(folder, 'review.html');
  writeFileSync(file, formatHtml(PAGE, SETTING));
  address = pathToFileURL(file).href;
  browser = await launchBrowser(program);
});
afterAll(async () => {
  await browser?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  /** The addresses that were asked for, and what the console has, such as what the policy refuses. */
  readonly asked: readonly string[];
  readonly complaints: readonly string[];
}

/** Opens the page; its context is closed with the browser. */
async function open(options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => void asked.push(request.url()));
  page.on('console', (message) => void complaints.push(message.text()));
  page.on('pageerror', (error) => void complaints.push(error.message));
  await page.goto(address);
  return { page, asked, complaints };
}

/** The violations that axe finds, best practices included. */
async function findViolations(page: Page): Promise<readonly string[]> {
  // Not as an element of the page, which its policy would refuse.
  await page.evaluate(AXE);
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Result[];
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe('the page of a review', () => {
  for (const colorScheme of ['light', 'dark'] as const)
    can(`is accessible by the rules of axe, ${colorScheme}`, async () => {
      const { page } = await open({ colorScheme });
      // What is folded is looked at too.
      await page.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; })",
      );
      expect(await findViolations(page)).toEqual([]);
      const back = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(back).toBe(colorScheme === 'dark' ? 'rgb(18, 18, 18)' : 'rgb(255, 255, 255)');
    });

  can('is seen by axe: a colour without contrast is found', async () => {
    const { page } = await open();
    await page.evaluate("document.documentElement.style.setProperty('--soft', '#cccccc')");
    expect((await findViolations(page)).join('\n')).toContain('color-contrast');
  });

  can('asks for nothing, runs nothing, and has its style without JavaScript', async () => {
    const { page, asked, complaints } = await open({ javaScriptEnabled: false });
    await page.getByText('Fixed: 1 finding (unused)').click();
    expect(await page.getByText('the build without it installs the same image').nth(1).isVisible()).toBe(
      true,
    );
    expect(await page.locator('svg g.missing path').first().isVisible()).toBe(true);
    expect(asked).toEqual([address]);
    expect(complaints).toEqual([]);
  });

  can('is refused by its policy to run a script that somebody gets into it', async () => {
    const { page, complaints } = await open();
    await page.evaluate(
      "document.body.appendChild(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))",
    );
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(complaints.join()).toContain('Content Security Policy');
  });

  can('can be used with the keyboard alone, and the drawing can be scrolled', async () => {
    const { page } = await open({ viewport: { width: 500, height: 900 } });
    const reached: string[] = [];
    for (let at = 0; at < 40; at += 1) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(
        '`${document.activeElement.tagName} ${getComputedStyle(document.activeElement).outlineStyle}`',
      );
      reached.push(`${name}`);
    }
    expect(new Set(reached.filter((name) => !name.startsWith('BODY')))).toEqual(
      new Set(['A solid', 'SUMMARY solid', 'DIV solid']),
    );
  });

  can('fits a small screen, and prints what is folded, dark on white', async () => {
    const { page } = await open({ viewport: { width: 360, height: 700 }, colorScheme: 'dark' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(28, 28, 28)');
    const folded = page.locator('details').first().locator('.message').first();
    expect((await folded.boundingBox())?.height).toBeGreaterThan(10);
  });
});
