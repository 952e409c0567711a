import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { packNpm } from '../../scripts/npm-package.ts';
import { requireOrSkip } from '../support/requirement.ts';

const EBUILD = 'packaging/gentoo/app-portage/ebuild-audit/ebuild-audit-0.1.0.ebuild';
const missing = existsSync('dist/cli/ebuild-audit.mjs') ? undefined : 'dist/ is missing: run npm run build';

requireOrSkip(missing)('the npm package runs, and is what our own ebuild unpacks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-npm-'));
  try {
    const archive = packNpm();
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    // SRC_URI of the ebuild ends in ${P}.tgz.
    expect(basename(archive)).toBe(`${basename(EBUILD, '.ebuild')}.tgz`);
    execFileSync('tar', ['xf', archive, '-C', folder]);
    const manifest = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8'));
    const program = join(folder, 'package', manifest.bin['ebuild-audit']);
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toBe(`${version}\n`);
    expect(execFileSync(program, ['explain', 'unused'], { encoding: 'utf8' })).toContain('unused');
    expect(existsSync(join(folder, 'package/dist/native/source/Makefile'))).toBe(true);
    expect(existsSync(join(folder, 'package/dist/native/source/tests'))).toBe(false);
    expect(readFileSync(EBUILD, 'utf8')).toContain('dist/native/source');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
