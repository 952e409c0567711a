import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleCommandLine, bundleServer, copyFindingPages, copyWasm } from '../../scripts/bundle.ts';
import { spellOut } from '../../server/src/cli/arguments.ts';

describe('the arguments', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-arguments-'));
    chmodSync(folder, 0o755);
    await Promise.all([
      bundleCommandLine(folder, { development: false }),
      bundleServer(folder, { development: false }),
      copyWasm(folder),
      copyFindingPages(folder),
    ]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(folder, 'cli/ebuild-audit.mjs'), ...args],
      { encoding: 'utf8' },
    );
    return { status, stdout, stderr };
  };

  test('--help names every option and the exit status', () => {
    const { status, stdout, stderr } = run('trial', '--help');
    expect([status, stderr]).toEqual([0, '']);
    for (const words of [
      'ebuild-audit trial [options] <file...>',
      '--fix',
      '--verify',
      '--format <form>',
      '--root <root>',
      '--package-manager <name>',
      '--fresh',
      '--quick',
      '--use-matrix [states]',
      '--why',
      '--probes',
      '--buildpkg [folder]',
      '--key <file>',
      '--jobs <number>',
      '--build-jobs <number>',
      '--limit <name=value>',
      '--bwrap <program>',
      'Exit status: 0 no error or warning, 1 some, 2 no verdict',
    ]) {
      expect(stdout).toContain(words);
    }
    expect(run('--help').status).toBe(0);
    expect(run('--version')).toEqual({ status: 0, stdout: '0.1.0\n', stderr: '' });
  });

  test('sweep --help names its options and those of trials', () => {
    const { status, stdout } = run('sweep', '--help');
    expect(status).toBe(0);
    for (const words of [
      'ebuild-audit sweep [options] [path...]',
      '--range <range>',
      '--newest',
      '--live',
      '--output <folder>',
      '--resume',
      '--since <sweep>',
      '--baseline <file>',
      '--quick',
      '--use-matrix [states]',
      '--jobs <number>',
      '--remote <address>',
      '--trust <policy>',
      'Exit status: the highest of its ebuilds',
    ])
      expect(stdout).toContain(words);
    // There is one report, in one form.
    for (const words of ['--format', '--why', '--write-baseline', '--fix'])
      expect(stdout).not.toContain(words);
  });

  test('lsp serves on standard input and output, and ends with the connection', async () => {
    const request = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { processId: null, rootUri: null, capabilities: {} },
    });
    const server = spawn(process.execPath, [join(folder, 'cli/ebuild-audit.mjs'), 'lsp']);
    server.stdin.write(`Content-Length: ${request.length}\r\n\r\n${request}`);
    let said = '';
    while (!said.includes('"serverInfo":{"name":"ebuild-audit"}'))
      said += String((await once(server.stdout, 'data'))[0]);
    server.stdin.end();
    // Without a shutdown the protocol asks for this status.
    expect(await once(server, 'exit')).toEqual([1, null]);
  });

  test('no bundle has what nothing uses, such as the other languages of zod', () => {
    expect(statSync(join(folder, 'server/main.mjs')).size).toBeLessThan(1_800_000);
    const files = readdirSync(join(folder, 'cli'));
    const remote = files.filter((name) => name.startsWith('remote-trials-'));
    expect(remote).toHaveLength(1);
    // Compressed, as the extension has it: gRPC is in it, which only remote trials load.
    for (const name of remote)
      expect(gzipSync(readFileSync(join(folder, 'cli', name))).length).toBeLessThan(200_000);
    const sizes = files
      .filter((name) => !remote.includes(name))
      .map((name) => statSync(join(folder, 'cli', name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1_750_000);
  });

  test('editor-config prints a configuration, or the names of the editors', () => {
    expect(run('editor-config', 'neovim').stdout).toContain("cmd = { 'ebuild-audit', 'lsp' }");
    expect(run('editor-config', 'ed')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'ebuild-audit: No configuration for ed is known: name one of neovim, vim, emacs, helix, kate, vscode.\n',
    });
  });

  test('record --help names its commands, and each names its options', () => {
    const { status, stdout } = run('record', '--help');
    expect(status).toBe(0);
    for (const command of ['export', 'verify', 'push', 'pull'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    for (const words of ['--key <file>', '--output <file>', '--root <root>', 'Exit status: 0, or 2'])
      expect(run('record', 'export', '--help').stdout).toContain(words);
    for (const command of ['trial', 'review'])
      for (const words of [
        '--trust <policy>',
        '--records <store>',
        '--spot-check <share>',
        '--spot-check-seed <text>',
      ])
        expect(run(command, '--help').stdout).toContain(words);
  });

  test.each([
    [['trial', 'x.ebuild', '--spot-check', '5'], 'give a share such as 5%.'],
    [['trial', 'x.ebuild', '--spot-check', '101%'], 'give a share such as 5%.'],
    [['record', 'verify', 'x.json'], "required option '--trust <policy>' not specified"],
    [['record', 'push', 'x.ebuild'], "required option '--records <store>' not specified"],
    [
      ['trial', 'x.ebuild', '--records', '/x'],
      'Records of others are taken only as a policy says: give --trust POLICY as well.',
    ],
    [
      ['trial', 'x.ebuild', '--trust', '/x'],
      '--trust says whose records are taken, and not where they are: give --records STORE as well.',
    ],
    [
      ['trial', 'x.ebuild', '--trust', '/x', '--records', '/y'],
      'The policy /x does not exist: name a file as in docs/sharing.md.',
    ],
  ])('%j is refused', (words, sentence) => {
    const { status, stderr } = run(...words);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
  });

  test('review --help names every option and the exit status', () => {
    const { status, stdout } = run('review', '--help');
    expect(status).toBe(0);
    for (const words of [
      'ebuild-audit review [options] [range]',
      '--all',
      '--fresh',
      '--why',
      '--quick',
      '--tests',
      '--use-matrix [states]',
      '--format <form>',
      '"sarif"',
      '"rdjson"',
      '"markdown"',
      '"github"',
      '"junit"',
      '--root <root>',
      '--package-manager <name>',
      '--jobs <number>',
      '--build-jobs <number>',
      '--limit <name=value>',
      '--bwrap <program>',
      'Exit status: 0 no new error or warning',
    ])
      expect(stdout).toContain(words);
    for (const words of ['--fix', '--verify', '--probes']) expect(stdout).not.toContain(words);
  });

  test('doctor --help names every option and the exit status', () => {
    const { status, stdout } = run('doctor', '--help');
    expect(status).toBe(0);
    for (const words of [
      'ebuild-audit doctor [options] [file]',
      '--format <form>',
      '--root <root>',
      '--package-manager <name>',
      '--bwrap <program>',
      'Exit status: 0 trials can run, 1 there is a problem',
    ])
      expect(stdout).toContain(words);
  });

  test('check --help names every option and the exit status', () => {
    const { status, stdout } = run('check', '--help');
    expect(status).toBe(0);
    for (const words of [
      'ebuild-audit check [options] <path...>',
      '--fix',
      '--format <form>',
      '--root <root>',
      'Exit status: 0',
    ])
      expect(stdout).toContain(words);
  });

  test('check of a path that is not there says so, sums nothing up and ends with status 2', () => {
    const { status, stdout, stderr } = run('check', '/nowhere/at/all');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'ebuild-audit: /nowhere/at/all does not exist: name an ebuild or a folder of ebuilds.\n',
    );
  });

  test.each([
    [['check'], "missing required argument 'path'"],
    [['trial', '--nonsense', 'x.ebuild'], "unknown option '--nonsense'"],
    [['trial'], "missing required argument 'file'"],
    [['trial', '--format', 'xml', 'x.ebuild'], 'Allowed choices are text, json.'],
    [
      ['trial', '--format', 'sarif', 'x.ebuild'],
      'Allowed choices are text, json; only "ebuild-audit review" writes sarif.',
    ],
    [['check', '--format', 'sarif', 'x.ebuild'], 'only "ebuild-audit review" writes sarif.'],
    [['review', '--all', 'HEAD~1..'], '--all audits the whole working tree: leave HEAD~1.. out, or --all.'],
    [['review', '--report', 'review.html'], 'Write FORM=FILE, such as html=review.html.'],
    [['review', '--report', 'pdf=x'], 'Forms are text, json, sarif, rdjson, markdown, github, junit, html.'],
    [['review', '--format', 'xml'], 'Allowed choices are text, json, sarif, rdjson, markdown, github, junit'],
    [['trial', '--package-manager', 'apt', 'x.ebuild'], 'Allowed choices are auto, portage, pkgcore'],
    [['trial', '--jobs', '0', 'x.ebuild'], 'give a whole number, 1 or more'],
    [['trial', '--build-jobs', 'many', 'x.ebuild'], 'give a whole number, 0 or more'],
    [['trial', '--limit', 'speed=1', 'x.ebuild'], '"speed" is no limit'],
    [['trial', '--limit', 'memory=much', 'x.ebuild'], '"much" is no value for the limit "memory"'],
    [['trial', '--use-matrix=-png', 'x.ebuild'], 'give "single", "pairwise", or USE flags'],
    // The word after it is a file.
    [['trial', '--use-matrix', '/nowhere/x.ebuild'], '/nowhere/x.ebuild'],
    [['trial', '--buildpkg', '/nowhere/x.ebuild'], '/nowhere/x.ebuild'],
    [
      ['trial', 'x.ebuild', '--key', 'k'],
      '--key signs the record in a binary package: give --buildpkg as well.',
    ],
    [['trial', 'x.ebuild', '--buildpkg', '--verify'], '--verify without --fix tries a text that no file has'],
    [
      ['trial', 'x.ebuild', '--buildpkg', '--trust', 'p'],
      "option '--buildpkg [folder]' cannot be used with option '--trust <policy>'",
    ],
    [['nonsense'], "unknown command 'nonsense'"],
    [[], 'Usage: ebuild-audit'],
  ])('%j is refused with status 2', (args, words) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  });
});

describe('a bare --use-matrix or --buildpkg', () => {
  test.each([
    [
      ['trial', '--use-matrix', 'x.ebuild'],
      ['trial', '--use-matrix=single', 'x.ebuild'],
    ],
    [
      ['trial', 'x.ebuild', '--use-matrix'],
      ['trial', 'x.ebuild', '--use-matrix=single'],
    ],
    [
      ['trial', '--use-matrix=pairwise', 'x.ebuild'],
      ['trial', '--use-matrix=pairwise', 'x.ebuild'],
    ],
    [
      ['trial', '--buildpkg', 'x.ebuild'],
      ['trial', '--buildpkg=', 'x.ebuild'],
    ],
    [
      ['trial', '--buildpkg=/packages', 'x.ebuild'],
      ['trial', '--buildpkg=/packages', 'x.ebuild'],
    ],
  ])('%j takes no file for its value', (words, spelt) => {
    expect(spellOut(words)).toEqual(spelt);
  });

  test.each([[['runtime', 'x.ebuild', '--', 'foo', '--use-matrix']], [['trial', '--', '--use-matrix']]])(
    '%j is what a command is called with',
    (words) => {
      expect(spellOut(words)).toEqual(words);
    },
  );
});
