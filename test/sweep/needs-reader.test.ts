import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outlineEbuild } from '../../server/src/ebuild/outline.ts';
import { createNeedsReader } from '../../server/src/sweep/needs-reader.ts';
import { selectEbuilds } from '../../server/src/sweep/swept-ebuild.ts';
import { bash } from '../ebuild/bash.ts';

let repository: string;
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'ebuild-audit-needs-'));
});
afterEach(() => rmSync(repository, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(repository, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function read(path: string): readonly string[] {
  const [ebuild] = selectEbuilds([{ path, isNamed: true }], { live: false, newest: false });
  if (ebuild === undefined) throw new Error(`${path} is no ebuild`);
  return createNeedsReader((text) => outlineEbuild(text, bash))(ebuild);
}

describe('what an ebuild needs, for the plan', () => {
  test('is what its entry in the md5-cache says under the flags of IUSE, without blockers', () => {
    const path = write('a/b/b-1.ebuild', 'EAPI=8\nDEPEND="x/from-the-text"\n');
    write(
      'metadata/md5-cache/a/b-1',
      'DEPEND=>=x/always-1:= on? ( x/on ) off? ( x/off ) !off? ( x/not-off ) !x/blocked\nRDEPEND=x/always || ( x/p x/q )\nPDEPEND=x/after\nIUSE=+on off\n_md5_=0\n',
    );
    expect(read(path)).toEqual(['x/always', 'x/on', 'x/not-off', 'x/p', 'x/q']);
  });

  test('is otherwise what its text declares', () => {
    const path = write(
      'a/b/b-1.ebuild',
      'EAPI=8\nIUSE="+on off"\nCOMMON="x/common"\nRDEPEND="${COMMON} on? ( x/on[flag] ) off? ( x/off )"\nDEPEND="${RDEPEND} !x/blocked"\nBDEPEND="~x/build-${PV}"\n',
    );
    expect(read(path)).toEqual(['x/common', 'x/on', 'x/build']);
  });

  test('is nothing for a text that is none, or a file that is gone', () => {
    expect(read(write('a/b/b-1.ebuild', 'EAPI=8\0'))).toEqual([]);
    expect(read(join(repository, 'a/b/b-2.ebuild'))).toEqual([]);
    write('metadata/md5-cache/a/b-1', 'no entry');
    expect(read(write('a/b/b-1.ebuild', 'DEPEND="a/c"\n'))).toEqual(['a/c']);
  });
});
