/** Neovim and Emacs, each driven by a script of its own language through the way of a user: open, find, trial, fix, verify. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { bundleServer } from '../../scripts/bundle.ts';
import { formatEditorConfig } from '../../server/src/cli/editor-config.ts';
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

/** What the configuration for Neovim calls, and Neovim 0.7 lacks. */
const SINCE_NEOVIM_0_11 = `vim.lsp.config = function(name, config) started = { name = name, filetypes = config.filetypes } end
vim.lsp.enable = function() end`;

/** The file types that a printed configuration gives to files of a repository, and the colours of an ebuild. */
function readFileTypes(editor: 'neovim' | 'vim'): string[] {
  const folder = mkdtempSync(join(product.folder, 'config-'));
  const config = join(folder, editor === 'vim' ? 'config.vim' : 'config.lua');
  writeFileSync(config, formatEditorConfig(editor));
  const names = [
    'dev-libs/foo/foo-1.ebuild',
    'eclass/foo.eclass',
    'dev-libs/foo/Manifest',
    'metadata/md5-cache/dev-libs/foo-1',
    'profiles/package.mask',
    'profiles/base/use.force',
    'dev-libs/foo/metadata.xml',
    'README',
  ];
  const lines = names.flatMap((name) => [
    `edit ${folder}/${name}`,
    `call writefile(['${name} ' . &filetype . ' ' . &syntax], '${folder}/types', 'a')`,
  ]);
  const script = join(folder, 'visit.vim');
  // Neovim 0.7 has the table of `vim.filetype.add`, and does not use it by itself.
  writeFileSync(
    script,
    ['let g:do_filetype_lua = 1', 'filetype on', 'syntax on', `source ${config}`, ...lines, 'qa!'].join('\n'),
  );
  const words = ['--headless', '-u', 'NONE', '-c', `lua ${SINCE_NEOVIM_0_11}`, '-S', script];
  execFileSync('nvim', words, { cwd: folder });
  return readFileSync(join(folder, 'types'), 'utf8').trimEnd().split('\n');
}

requireOrSkip(findInPath('nvim') ? undefined : 'nvim is missing: run "npm run set-up"')(
  'the printed configurations of Neovim and Vim give each file of a repository its type',
  () => {
    const types = [
      'dev-libs/foo/foo-1.ebuild ebuild sh',
      'eclass/foo.eclass ebuild sh',
      'dev-libs/foo/Manifest gentoo-manifest gentoo-manifest',
      'metadata/md5-cache/dev-libs/foo-1 gentoo-cache gentoo-cache',
      'profiles/package.mask gentoo-profile gentoo-profile',
      'profiles/base/use.force gentoo-profile gentoo-profile',
      'dev-libs/foo/metadata.xml xml xml',
      'README text text',
    ];
    expect(readFileTypes('neovim')).toEqual(types);
    expect(readFileTypes('vim')).toEqual(types);
  },
);
