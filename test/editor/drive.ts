/** Drives the workbench as a user does: with mouse and keyboard, and by looking only at the screen. */
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { driveFailingView, driveTerminalLink, driveTrialPage, driveTrialView } from './drive-trial-view.ts';
import type { Results } from './results.ts';
import { createSteps } from './steps.ts';
import { remote, workbenchAddress } from './workbench.ts';

const TRIAL_TIMEOUT = 240_000;
const STATUS = '.statusbar-item[id*="ebuildAudit.status"]';

export interface DriveOptions {
  readonly page: Page;
  readonly address: string;
  /** The folder that is opened. */
  readonly folder: string;
  /** The ebuild that lacks `atom`. */
  readonly ebuild: string;
  readonly atom: string;
  /** The folder of the screenshots. */
  readonly output: string;
}

/** The way from opening the ebuild to the click on the quick fix and the changed file on disk. */
export async function drive(options: DriveOptions, results: Results): Promise<void> {
  const { page, address, folder, ebuild, atom, output } = options;
  const before = await readFile(ebuild, 'utf8');
  const status = (text: string) => page.locator(STATUS).filter({ hasText: text });
  const step = createSteps('drive', page, output, results);

  await step('opening an ebuild shows the status item', async () => {
    await page.goto(workbenchAddress(address, folder, [['openFile', remote(address, ebuild)]]));
    await page.locator('.monaco-editor .view-lines').waitFor({ timeout: 60_000 });
    await status('no trial yet').waitFor({ timeout: 60_000 });
    // The grammar colours the text: without a grammar, all text has the class `mtk1`.
    await page.locator('.view-line span[class^="mtk"]:not(.mtk1)').first().waitFor();
  });

  await step('what is wrong in the text is underlined while it is typed', async () => {
    await page.locator('.monaco-editor .view-lines').click();
    await page.keyboard.press('Control+End');
    // The editor closes quotes and saves automatically, so pkgcheck runs too.
    await page.keyboard.type('\nPDEPEND="dev-libs/foo-1.2 app-misc/here app-misc/here');
    await page.locator('.squiggly-error').first().waitFor({ timeout: 20_000 });
    await page.locator('.squiggly-warning').first().waitFor();
    await status('no trial yet').waitFor();
  });

  await step('packages are offered while an atom is typed', async () => {
    await page.keyboard.type(' media-libs/libp');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: atom }).first().waitFor();
  });

  await step('taking it away clears it', async () => {
    for (const key of ['Escape', 'End', 'Shift+Home', 'Delete', 'Backspace']) await page.keyboard.press(key);
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached', timeout: 10_000 });
  });

  await step('hovering over a word says what it means', async () => {
    await hoverOver(page, 'einstalldocs');
    await page
      .locator('.monaco-hover:not(.hidden)')
      .getByText('PMS 12.3.15')
      .first()
      .waitFor({ timeout: 20_000 });
  });

  await step('the command shows progress with a cancel button', async () => {
    await page.mouse.move(0, 0);
    // The lens stands above the dependencies, and the steps before typed at the end.
    await page.keyboard.press('Control+Home');
    await page.locator('.codelens-decoration', { hasText: 'Run trial build' }).first().waitFor();
    await runCommand(page);
    const progress = page.locator('.notification-toast', { hasText: `Trial build of ${basename(ebuild)}` });
    await progress.waitFor({ timeout: 30_000 });
    await progress.getByText('Cancel').waitFor();
    await status('running').waitFor();
    await page
      .locator('.notification-toast', { hasText: / · \d+ packages?/ })
      .waitFor({ timeout: TRIAL_TIMEOUT });
  });

  await step('the finding is underlined and in Problems', async () => {
    await page.locator('.squiggly-error').first().waitFor({ timeout: TRIAL_TIMEOUT });
    await status('findings').waitFor({ timeout: TRIAL_TIMEOUT });
    await page.keyboard.press('Control+Shift+M');
    const panel = page.locator('.markers-panel');
    await panel.getByText('missing-depend').first().waitFor();
    await panel.getByText(atom).first().waitFor();
  });

  await step('the message has buttons, and lenses above the dependencies tell the result', async () => {
    const message = page.locator('.notification-toast', { hasText: /finding/ });
    for (const button of ['Show', 'Fix All', 'Show Build Log'])
      await message.getByText(button, { exact: true }).waitFor({ timeout: 20_000 });
    await page
      .locator('.codelens-decoration', { hasText: /\d error/ })
      .first()
      .waitFor();
  });

  await driveTrialView(page, step, atom);
  await driveFailingView(page, step, 'png.h');

  await step('hovering over it tells why', async () => {
    const box = await page.locator('.squiggly-error').first().boundingBox();
    assert.ok(box);
    // An editor shows no hover for a pointer that has never moved.
    await page.mouse.move(box.x + 4, box.y + box.height / 2);
    await page.mouse.move(box.x + 12, box.y + box.height / 2);
    const hover = page.locator('.monaco-hover:not(.hidden)');
    for (const words of ['Add media-libs/libpng', 'tried to read', 'Why:', 'Tried:', 'Package:'])
      await hover.getByText(words).first().waitFor({ timeout: 20_000 });
    // The message is above it and may fill the hover.
    const shown = await hover.first().boundingBox();
    assert.ok(shown);
    await page.mouse.move(shown.x + shown.width / 2, shown.y + shown.height / 2, { steps: 5 });
    // The hover scrolls by a part of each turn of the wheel.
    for (let turn = 0; turn < 10; turn++) {
      await page.mouse.wheel(0, 300);
      await sleep(30);
    }
  });
  await driveTerminalLink(page, step);

  await step('the quick fix is offered where the finding is', async () => {
    await page.mouse.move(0, 0);
    await page.keyboard.press('Escape');
    const box = await page.locator('.squiggly-error').first().boundingBox();
    assert.ok(box);
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.keyboard.press('Control+.');
    await page.locator('.action-widget').getByText(atom).first().waitFor();
  });

  await step('a click on it adds the atom and clears the underline', async () => {
    const box = await page.locator('.action-widget').getByText(atom).first().boundingBox();
    assert.ok(box);
    // The list ignores the mouse until it has moved, so that nobody clicks it by accident.
    await page.mouse.move(box.x + 10, box.y + box.height / 2);
    await page.mouse.move(box.x + 20, box.y + box.height / 2);
    await page.mouse.click(box.x + 20, box.y + box.height / 2);
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached', timeout: 10_000 });
    await page.locator('.view-line', { hasText: atom }).first().waitFor();
    await status('not verified').waitFor();
  });

  await step('saving writes the atom to the disk', async () => {
    await page.keyboard.press('Control+s');
    let after = before;
    for (let i = 0; i < 100 && after === before; i++) {
      await sleep(100);
      after = await readFile(ebuild, 'utf8');
    }
    const added = after.split('\n').filter((line) => !before.split('\n').includes(line));
    assert.deepEqual(
      added.filter((line) => line.includes(atom)).length,
      1,
      `the lines that ${basename(dirname(ebuild))} gained are not one with ${atom}:\n${added.join('\n')}`,
    );
  });

  await driveTrialPage(page, step, basename(ebuild));
}

/** Moves the mouse over a word of the text. An editor shows no hover for a pointer that has never moved. */
async function hoverOver(page: Page, word: string): Promise<void> {
  const box = await page.locator('.view-line span', { hasText: word }).last().boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 4, box.y + box.height / 2);
  await page.mouse.move(box.x + 14, box.y + box.height / 2, { steps: 3 });
}

/** In an untrusted workspace, the extension reads ebuilds and refuses to build. */
export async function driveUntrusted(options: DriveOptions, results: Results): Promise<void> {
  const { page, address, folder, ebuild, output } = options;
  await results.step('drive: a workspace that is not trusted gets no trial', async () => {
    try {
      await page.goto(workbenchAddress(address, folder, [['openFile', remote(address, ebuild)]]));
      await page.getByText("No, I don't trust the authors").click({ timeout: 60_000 });
      await page.locator(STATUS).filter({ hasText: 'no trial yet' }).waitFor({ timeout: 60_000 });
      await runCommand(page);
      await page.locator('.notification-toast', { hasText: 'only in a workspace that you trust' }).waitFor();
      await page.locator(STATUS).filter({ hasText: 'no trial yet' }).waitFor();
    } finally {
      await sleep(400);
      await page.screenshot({ path: join(output, 'untrusted.png') });
    }
  });
}

async function runCommand(page: Page): Promise<void> {
  await page.keyboard.press('F1');
  await page.keyboard.type('Ebuild Audit: Run Trial Build');
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Run Trial Build' }).first().waitFor();
  await page.keyboard.press('Enter');
}
