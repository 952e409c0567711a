/** An editor waits for the facts and findings of a text, so the time to read it must grow with its length only, whatever it holds. */
import { expect, test } from 'vitest';
import { checkText } from '../../server/src/audit/check.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import { processorTime } from '../support/processor-time.ts';
import { bash } from './bash.ts';
import { LONG_TEXTS } from './long-texts.ts';

const IDENTITY = { category: 'dev-test', packageAndVersion: 'long-1' };

function readAll(text: string): void {
  checkText(parseEbuild(text, bash), undefined, IDENTITY);
  const live = createLiveText(bash);
  live.read(text);
  live.read(`${text}x\n`);
  live.close();
}

for (const [name, make] of Object.entries(LONG_TEXTS)) {
  test(`the time for ${name} grows with its length only`, () => {
    const [half, whole] = [make(2 ** 15), make(2 ** 16)];
    readAll(half);
    const isLinear = () =>
      processorTime(() => readAll(whole), 2) < 3 * processorTime(() => readAll(half), 2) + 100;
    // A busy machine makes one measurement too long. A text that takes quadratic time is too long in each.
    expect([isLinear, isLinear, isLinear].some((measure) => measure())).toBe(true);
  });
}
