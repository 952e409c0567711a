import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packExtension, readTarget } from '../../scripts/extension-package.ts';
import { requireOrSkip } from '../support/requirement.ts';

const MIB = 2 ** 20;
const compiler = spawnSync('aarch64-linux-gnu-gcc', ['--version']).status === 0;
const missing = !existsSync('dist/cli/ebuild-audit.mjs')
  ? 'dist/ is missing: run npm run build'
  : !compiler
    ? 'aarch64-linux-gnu-gcc is missing (Debian: apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross)'
    : undefined;

/** The machine of an ELF file (e_machine, elf(5)): 62 is x86-64, 183 is arm64. */
const machineOf = (file: string): number => readFileSync(file).readUInt16LE(18);

function unpack(archive: string): { folder: string; files: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-vsix-'));
  execFileSync('python3', ['-m', 'zipfile', '-e', archive, folder]);
  const files = readdirSync(join(folder, 'extension/dist/native'), { recursive: true, encoding: 'utf8' });
  return { folder, files: files.filter((path) => /\.|native$/.test(path)).sort() };
}

requireOrSkip(missing)(
  'a package for a platform has the helper of that platform and nothing to compile',
  async () => {
    for (const [target, processor, machine] of [
      ['linux-x64', 'x64', 62],
      ['linux-arm64', 'arm64', 183],
    ] as const) {
      const archive = await packExtension(target);
      expect(statSync(archive).size).toBeLessThan(3 * MIB);
      const { folder, files } = unpack(archive);
      try {
        expect(files).toEqual([`${processor}/ebuild-audit-native`]);
        const helper = join(folder, 'extension/dist/native', processor, 'ebuild-audit-native');
        expect(machineOf(helper)).toBe(machine);
        const described = execFileSync('file', ['-b', helper], { encoding: 'utf8' });
        expect(described).toMatch(/statically linked/);
        expect(described).toMatch(/, stripped/);
        expect(readFileSync(join(folder, 'extension.vsixmanifest'), 'utf8')).toContain(
          `TargetPlatform="${target}"`,
        );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  },
);

requireOrSkip(missing)(
  'the package for all platforms has the sources of the helper without its tests',
  async () => {
    const archive = await packExtension(undefined);
    const { folder, files } = unpack(archive);
    try {
      expect(files).toContain('source/main.c');
      expect(files.filter((path) => /^source\/(tests|fuzz)\//.test(path))).toEqual([]);
      expect(statSync(archive).size).toBeLessThan(3 * MIB);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test('a platform without a package is refused by name', () => {
  expect(() => readTarget('win32-x64')).toThrow(
    'There is no package for win32-x64: write linux-x64 or linux-arm64',
  );
});
