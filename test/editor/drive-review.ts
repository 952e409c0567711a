/** Reviews a change in the workbench as a user does: with mouse and keyboard, and by looking only at the screen. */
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { createRepository, type TestRepository } from '../review/git-repository.ts';
import type { Results } from './results.ts';
import { createSteps } from './steps.ts';

const REVIEW_TIMEOUT = 240_000;
const EBUILD = 'media-gfx/zlibuser/zlibuser-1.ebuild';
const ATOM = 'sys-libs/zlib:=';

const textWith = (atom: string): string => `EAPI=8

DESCRIPTION="A program that links zlib"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"

RDEPEND="${atom}"
DEPEND="\${RDEPEND}"

src_compile() {
	echo '#include <zlib.h>
	int main(void) { return zlibVersion() == 0; }' > use.c || die
	cc -o use use.c -lz || die
}

src_install() {
	dobin use
}
`;

export interface ReviewDrive {
  /** A workbench in which the clone is open and the extension has started. */
  readonly page: Page;
  readonly repository: TestRepository;
  /** The folder of the screenshots. */
  readonly output: string;
}

/** Makes the workspace a clone with an ebuild that is right. */
export function makeClone(folder: string): TestRepository {
  const repository = createRepository(folder);
  repository.commit({ [EBUILD]: textWith(ATOM) });
  return repository;
}

/** The way from a dependency that was taken out to the comment in the diff, and to its fix on the disk. */
export async function driveReview(
  { page, repository, output }: ReviewDrive,
  results: Results,
): Promise<void> {
  const step = createSteps('review', page, output, results);
  const rows = page.locator('.monaco-list-row:visible');
  const webview = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');

  await step('the command offers what to compare with', async () => {
    repository.commit({});
    repository.write({ [EBUILD]: textWith('') });
    await page.keyboard.press('F1');
    await page.keyboard.type('Ebuild Audit: Review Changes Against');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Review Changes' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'only what is not committed' })
      .waitFor({ timeout: 60_000 });
  });

  await step('it lists the changed ebuild, shows progress, and then the page', async () => {
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: 'only what is not committed' })
      .click();
    const progress = page.locator('.notification-toast', { hasText: 'Review of the changes against HEAD' });
    await progress.getByText('Cancel').waitFor({ timeout: 30_000 });
    await rows
      .filter({ hasText: 'zlibuser-1.ebuild' })
      .filter({ hasText: 'new' })
      .first()
      .waitFor({ timeout: REVIEW_TIMEOUT });
    await webview.locator('h1').waitFor({ timeout: 20_000 });
    await webview.getByText('missing-depend').first().waitFor();
  });

  await step(
    'a finding leads to the diff, where it is a comment with its evidence and its edit',
    async () => {
      await rows.filter({ hasText: 'missing-depend' }).first().click();
      await page.locator('.monaco-diff-editor').waitFor({ timeout: 20_000 });
      const comment = page
        .locator('.monaco-diff-editor .review-widget', { hasText: 'missing-depend' })
        .first();
      await comment.getByText('zlib.h, which was hidden').first().waitFor({ timeout: 20_000 });
      await comment.getByText(`+RDEPEND="${ATOM}"`).waitFor();
    },
  );

  await step('its button applies the edit', async () => {
    const comment = page.locator('.monaco-diff-editor .review-widget', { hasText: 'missing-depend' }).first();
    await comment.locator('[aria-label="Apply Fix"]').first().click();
    await page.keyboard.press('Control+s');
    let text = '';
    for (let i = 0; i < 100 && !text.includes(ATOM); i++) {
      await sleep(100);
      text = await readFile(join(repository.top, EBUILD), 'utf8');
    }
    assert.equal(text, textWith(ATOM));
  });
}
