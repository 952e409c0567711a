/** Neovim and Emacs, each driven by a script of its own language through the way of a user: open, find, trial, fix, verify. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { bundleServer } from '../../scripts/bundle.ts';
import { missingForTrials, openProduct, type Product } from '../support/product.ts';
import { findInPath, requireOrSkip } from '../support/requirement.ts';
import { isRoot } from '../support/user.ts';

const EXAMPLE = 'examples';
const EBUILD = 'media-gfx/pngcrush/pngcrush-1.8.13-r1.ebuild';
const ATOM = 'media-libs/libpng';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
  await bundleServer(join(product.folder, 'dist'), { development: false });
});
afterAll(() => product.remove());

interface Editor {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly steps: number;
}

const EDITORS: readonly Editor[] = [
  {
    name: 'Neovim',
    program: 'nvim',
    args: ['--headless', '-u', 'NONE', '-c', `luafile ${resolve('test/other-editors/neovim.lua')}`],
    steps: 7,
  },
  {
    name: 'Emacs',
    program: 'emacs',
    args: [
      '--batch',
      '--no-site-file',
      '-l',
      'package',
      '-f',
      'package-initialize',
      '-l',
      resolve('test/other-editors/emacs.el'),
    ],
    steps: 4,
  },
];

/** Runs the script of an editor on a copy of the example; resolves with what it printed. */
async function drive({ name, program, args }: Editor): Promise<{ output: string; text: string }> {
  const repository = product.copyOf(EXAMPLE);
  const ebuild = join(repository, EBUILD);
  const child = spawn(program, args, {
    cwd: product.folder,
    env: {
      ...process.env,
      EBUILD_AUDIT_HOME: product.home(isRoot ? 'root' : 'user'),
      HOME: product.folder,
      PROGRAM: product.program,
      REPOSITORY: repository,
      EBUILD: ebuild,
      ATOM,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${name} ended with ${status}:\n${output}`);
  return { output, text: readFileSync(ebuild, 'utf8') };
}

describe.each(EDITORS)('$name', (editor) => {
  const { program } = editor;
  const missing =
    missingForTrials ?? (findInPath(program) ? undefined : `${program} is missing: run "npm run set-up"`);
  requireOrSkip(missing)(
    'finds, fixes and verifies a missing dependency',
    async () => {
      const before = readFileSync(join(EXAMPLE, EBUILD), 'utf8');
      const { output, text } = await drive(editor);
      expect(output.match(/^ok .*/gm), output).toHaveLength(editor.steps);
      expect(text).not.toBe(before);
      expect(text).toContain(ATOM);
    },
    300_000,
  );
});
