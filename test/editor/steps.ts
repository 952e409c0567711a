import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Results } from './results.ts';

/**
 * Makes a function that runs a step of a drive and takes a screenshot at its end.
 *
 * @param drive the beginning of the step's name and of the screenshot's
 * @param output the folder of the screenshots
 */
export function createSteps(drive: string, page: Page, output: string, results: Results) {
  let shots = 0;
  const shoot = (name: string) => page.screenshot({ path: join(output, `${drive}-${++shots}-${name}.png`) });
  return (name: string, run: () => Promise<unknown>): Promise<void> =>
    results.step(`${drive}: ${name}`, async () => {
      try {
        await run();
        // New elements fade in.
        await sleep(400);
        await shoot(name.replaceAll(/\W+/g, '-'));
      } catch (error) {
        await shoot('failed');
        throw error;
      }
    });
}
