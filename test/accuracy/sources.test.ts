import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSourceLines } from '../../accuracy/sources.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sources-'));
  mkdirSync(join(folder, 'sources.list.d'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('sources of Debian for source packages', () => {
  test('come from one-line entries; others than the release itself are left out', () => {
    writeFileSync(
      join(folder, 'sources.list'),
      '# deb http://a.example/debian bookworm main\ndeb [arch=amd64] http://a.example/debian bookworm main contrib\ndeb http://b.example nodistro main\n',
    );
    expect(readSourceLines(folder, 'bookworm')).toBe(
      'deb-src [arch=amd64] http://a.example/debian bookworm main contrib\n',
    );
  });

  test('come from stanzas, for each archive and suite', () => {
    writeFileSync(
      join(folder, 'sources.list.d/debian.sources'),
      'Types: deb\nURIs: http://a.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/k.gpg\n\nTypes: deb\nURIs: http://c.example\nSuites: other\nComponents: main\n',
    );
    expect(readSourceLines(folder, 'bookworm')).toBe(
      [
        'deb-src [signed-by=/usr/share/keyrings/k.gpg] http://a.example/debian bookworm main\n',
        'deb-src [signed-by=/usr/share/keyrings/k.gpg] http://a.example/debian bookworm-updates main\n',
      ].join(''),
    );
  });

  test('are none where the machine names none', () => {
    expect(readSourceLines(folder, 'bookworm')).toBe('');
  });
});
