import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { processesWith } from '../support/processes.ts';
import type { Product, Run } from '../support/product.ts';
import type { As } from '../support/user.ts';

/** An ebuild that needs no distfile; `phases` are its functions. */
export function tinyEbuild(phases: string, more: { eapi?: string; head?: string } = {}): string {
  return `EAPI=${more.eapi ?? '8'}
${more.head ?? ''}
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
S="\${WORKDIR}"

src_prepare() { default; }
src_configure() { :; }
src_compile() { :; }
src_test() { :; }
src_install() { :; }
${phases}
`;
}

export const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8');

/** Expects one sentence on standard error, exit status 2, and that nothing is left of the trial. */
export function expectOneSentence(product: Product, as: As, run: Run, sentence: RegExp, report = ''): void {
  expect(run.complaints).toHaveLength(1);
  const [line = ''] = run.complaints;
  expect(line).toMatch(/^ebuild-audit: /);
  expect(line).toMatch(sentence);
  // One sentence with its full stop, and no stack or traceback.
  expect(line).toMatch(/[.)]$/);
  expect(line).not.toMatch(/\.\s+[A-Z]|Traceback|at .*:\d+:\d+|undefined|\[object/);
  expect(run.stdout).toBe(report);
  expect(run.status).toBe(2);
  expectNothingLeft(product, as);
}

/** Every process of a trial has the product's folder in its arguments or environment. */
export function expectNothingLeft(product: Product, as: As): void {
  expect(product.trials(as)).toEqual([]);
  expect(processesWith(product.folder)).toEqual([]);
  expect(mounts()).not.toContain(product.folder);
}
