/** Goes the way of a new user: the walkthrough, the doctor, the set-up. */
import type { Page } from 'playwright-core';
import type { Results } from './results.ts';
import { createSteps } from './steps.ts';
import { workbenchAddress } from './workbench.ts';

interface FirstUseOptions {
  readonly page: Page;
  readonly address: string;
  /** The folder that is opened. */
  readonly folder: string;
  /** The folder of the screenshots. */
  readonly output: string;
}

/** The machine has been set up before, so that the set-up has nothing to install. */
export async function driveFirstUse(
  { page, address, folder, output }: FirstUseOptions,
  results: Results,
): Promise<void> {
  const step = createSteps('first-use', page, output, results);
  const chosen = page.locator('.quick-input-list .monaco-list-row:visible');
  const choose = async (name: string) => {
    await page.keyboard.type(name);
    // The list may still be filtered, so that Enter would take another row.
    await chosen.filter({ hasText: name }).first().click({ timeout: 20_000 });
  };
  const walkthrough = page.locator('.gettingStartedContainer');

  await step('the walkthrough is there, with its steps', async () => {
    await page.goto(workbenchAddress(address, folder, []));
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    await page.keyboard.press('F1');
    await choose('Welcome: Open Walkthrough');
    await choose('Find the real dependencies of an ebuild');
    for (const title of [
      'Look at this machine',
      'Choose the Gentoo system',
      'Run a trial build',
      'Fix and verify',
    ])
      await walkthrough.getByText(title, { exact: true }).first().waitFor({ timeout: 20_000 });
  });

  await step('its first button asks the doctor', async () => {
    await walkthrough.getByText('Run Doctor').first().click();
    await page.locator('.view-line', { hasText: 'bubblewrap' }).first().waitFor({ timeout: 60_000 });
  });

  await step('the set-up runs in a terminal, and says that trials can run', async () => {
    await page.keyboard.press('F1');
    await choose('Ebuild Audit: Set Up');
    await page
      .locator('.notification-toast', { hasText: 'Ebuild Audit is set up' })
      .waitFor({ timeout: 120_000 });
  });
}
