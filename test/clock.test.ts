/** No duration depends on the clock of the machine, which a user or a time server may set at any moment. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { parseTree } from '../server/src/ebuild/syntax-tree.ts';
import { bash } from './ebuild/bash.ts';

const ROOT = new URL('..', import.meta.url);

function filesWith(folder: string, names: RegExp, text: RegExp): string[] {
  const files = readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => names.test(name) && text.test(readFileSync(new URL(`${folder}/${name}`, ROOT), 'utf8')))
    .sort();
}

describe('the clock of the machine', () => {
  test('is asked only for dates: those of files, those that a user reads, and those that gRPC takes', () => {
    expect(filesWith('server/src', /\.ts$/, /Date\.now|new Date\(\)/)).toEqual([
      'cli/main.ts',
      'cli/report/report-forms.ts',
      'cli/report/review-forms.ts',
      'files/replace-file.ts',
      'host/interval.ts',
      'host/log-folder.ts',
      'host/root-image/kept-roots.ts',
      'layers/binhost.ts',
      'layers/layer-store.ts',
      'layers/prune-layers.ts',
      'layers/stack-store.ts',
      'lsp/audit-server.ts',
      'lsp/status.ts',
      'lsp/trials.ts',
      'remote/api/connection.ts',
      'remote/merkle/file-digests.ts',
      'trial/builder/snapshots/snapshot-store.ts',
      'trial/records/record-store.ts',
      'trial/records/trial-records.ts',
    ]);
    expect(filesWith('client/src', /\.ts$/, /Date\.now|new Date\(\)/)).toEqual([]);
  });

  test('is not asked by the helper', () => {
    expect(
      filesWith('server/native', /\.[ch]$/, /CLOCK_REALTIME|gettimeofday|\btime\(NULL|timedjoin_np\(t/),
    ).toEqual([]);
  });

  test('may jump by a day while a text is read', () => {
    const text = `EAPI=8\n${'DEPEND="a/b"\n'.repeat(2000)}`;
    let now = 0;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
      now += 24 * 60 * 60_000;
      return now;
    });
    try {
      expect(parseTree(text, bash)).toHaveProperty('tree');
    } finally {
      clock.mockRestore();
    }
  });
});
