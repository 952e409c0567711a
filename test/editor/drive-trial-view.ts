/** Looks at what a trial saw, in the view and on the page, as a user does. */
import type { Page } from 'playwright-core';
import type { createSteps } from './steps.ts';

type Step = ReturnType<typeof createSteps>;

/** From the activity bar to the file that the build looked for. A trial has found that the ebuild lacks `atom`. */
export async function driveTrialView(page: Page, step: Step, atom: string): Promise<void> {
  const rows = page.locator('.part.sidebar .monaco-list-row:visible');
  await step('the view in the activity bar leads from the missing package to the file', async () => {
    await page.locator('.part.activitybar [aria-label^="Ebuild Audit"]').first().click();
    await rows.filter({ hasText: 'Undeclared packages' }).first().waitFor({ timeout: 20_000 });
    const missing = rows.filter({ hasText: atom }).filter({ hasText: 'missing-depend' }).first();
    await missing.waitFor({ timeout: 20_000 });
    // A click on the row itself would open the line of the finding.
    await missing.locator('.monaco-tl-twistie').click();
    // What has only one row below is open already; the phases may be several.
    const phase = rows.filter({ hasText: /src_\w+/ }).first();
    await phase.waitFor({ timeout: 20_000 });
    if ((await phase.getAttribute('aria-expanded')) === 'false')
      await phase.locator('.monaco-tl-twistie').click();
    await rows.filter({ hasText: 'access' }).nth(1).waitFor();
  });
}

/** Opens the page of the last trial by its command, and closes it again, because later steps look for another page. */
export async function driveTrialPage(page: Page, step: Step, ebuild: string): Promise<void> {
  const webview = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  const tab = page.locator('.tab', { hasText: `Trial of ${ebuild}` });
  await step('the trial is shown as a page', async () => {
    await page.keyboard.press('F1');
    await page.keyboard.type('Ebuild Audit: Show Trial as a Page');
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Show Trial as a Page' })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await tab.waitFor({ timeout: 20_000 });
    await webview.locator('h1', { hasText: 'Trial of' }).waitFor({ timeout: 20_000 });
    await webview.getByText('Packages by number of accesses').first().waitFor();
  });
  await step('and the page is closed', async () => {
    await tab.hover();
    await tab.locator('.codicon-close').first().click();
    await page.locator('iframe.webview').first().waitFor({ state: 'detached', timeout: 10_000 });
  });
}

/** Opens a terminal where the build of the ebuild in the editor stops, looks for a hidden header there, and leaves it. */
export async function driveFailingView(page: Page, step: Step, header: string): Promise<void> {
  const terminal = page.locator(TERMINAL);
  await step('a terminal opens in the view in which the build fails', async () => {
    await page.keyboard.press('F1');
    await page.keyboard.type('Ebuild Audit: Open Terminal in the Failing View');
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'Open Terminal in the Failing View' })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await terminal.filter({ hasText: /src_\w+/ }).waitFor({ timeout: 120_000 });
    await page.keyboard.type(`ls /usr/include | grep -c ${header} | sed s/^/found:/`);
    await page.keyboard.press('Enter');
    await terminal.filter({ hasText: /found:0/ }).waitFor({ timeout: 20_000 });
  });
  await step('and is closed by leaving its shell', () => leaveShell(page));
}

const TERMINAL = '.terminal-wrapper .xterm-rows';

async function leaveShell(page: Page): Promise<void> {
  await page.keyboard.type('exit 0');
  await page.keyboard.press('Enter');
  await page.locator(TERMINAL).first().waitFor({ state: 'detached', timeout: 20_000 });
}

/** Clicks the link in the hover that is shown, which opens a terminal in the same view, and leaves it. */
export async function driveTerminalLink(page: Page, step: Step): Promise<void> {
  await step('and has a link to a terminal in the view in which the build fails', async () => {
    await page
      .locator('.monaco-hover:not(.hidden)')
      .getByRole('link', { name: 'Open a terminal where the build fails' })
      .first()
      .click({ timeout: 20_000 });
    await page
      .locator(TERMINAL)
      .filter({ hasText: /src_\w+/ })
      .waitFor({ timeout: 120_000 });
    await leaveShell(page);
  });
}
