import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runDoctorCommand } from '../../server/src/cli/doctor-command.ts';
import type { Check } from '../../server/src/doctor/check.ts';
import { PRODUCT_VERSION } from '../../server/src/host/product-version.ts';
import { validate } from './schemas.ts';

const FLAGS = { root: '/gentoo', packageManager: 'auto', bwrap: '' } as const;
const NODE: Check = { name: 'Node', state: 'ok', found: 'v22' };
const INDEX: Check = { name: 'Index', state: 'warning', found: 'A master is missing', remedy: 'add it' };
const ROOT: Check = { name: 'Root', state: 'problem', found: '/x\u202e does not exist', remedy: 'set it' };

async function run(checks: readonly Check[], format: 'text' | 'json', file?: string) {
  const printed: string[] = [];
  const asked: unknown[] = [];
  const status = await runDoctorCommand(
    file,
    { ...FLAGS, format },
    {
      async examine(...words) {
        asked.push(words);
        return checks;
      },
      print: (text) => void printed.push(text),
    },
  );
  return { status, printed, asked };
}

test('a warning does not make it fail, and a problem does', async () => {
  expect(await run([NODE, INDEX], 'text', 'a.ebuild')).toEqual({
    status: 0,
    printed: [
      'ok       Node   v22',
      'warning  Index  A master is missing',
      '                → add it',
      '',
      '1 warning: trials can run.',
    ],
    asked: [[FLAGS, resolve('a.ebuild')]],
  });
  const { status, printed, asked } = await run([NODE, ROOT, ROOT], 'text');
  expect([status, printed.at(-1)]).toEqual([
    1,
    '2 problems: trials cannot run until the problems are mended.',
  ]);
  expect(asked).toEqual([[FLAGS, undefined]]);
});

test('the JSON is what its schema says', async () => {
  const { status, printed } = await run([NODE, INDEX, ROOT], 'json');
  expect(status).toBe(1);
  const report = JSON.parse(printed.join(''));
  expect(validate('doctor', report)).toEqual([]);
  expect(report).toEqual({
    format: 1,
    version: PRODUCT_VERSION,
    checks: [NODE, INDEX, { ...ROOT, found: '/x\\u{202e} does not exist' }],
  });
});
