import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packFolder, readMember } from '../../scripts/set-up/archive.ts';
import { installedOnDebian } from '../../scripts/set-up/system-packages.ts';

const examples = new URL('../../examples/', import.meta.url).pathname;
const sources = JSON.parse(readFileSync(`${examples}sources.json`, 'utf8')) as {
  npm: { distfile: string }[];
  packed: { folder: string; distfile: string }[];
};

/** The DIST lines of every Manifest (GLEP 74), by file name. */
function readManifests(): Map<string, { size: number; sha512: string }> {
  const found = new Map<string, { size: number; sha512: string }>();
  for (const category of readFileSync(`${examples}profiles/categories`, 'utf8').trim().split('\n')) {
    for (const name of readdirSync(examples + category)) {
      for (const line of readFileSync(`${examples}${category}/${name}/Manifest`, 'utf8').split('\n')) {
        const match = /^DIST (\S+) (\d+) BLAKE2B [0-9a-f]{128} SHA512 ([0-9a-f]{128})$/.exec(line);
        if (match?.[1] && match[3]) found.set(match[1], { size: Number(match[2]), sha512: match[3] });
      }
    }
  }
  return found;
}

describe('examples', () => {
  test('every distfile of a Manifest has a source, and the other way round', () => {
    const provided = [...sources.npm, ...sources.packed].map(({ distfile }) => distfile);
    expect([...readManifests().keys()].sort()).toEqual(provided.sort());
  });
  test.each(sources.packed)('$folder packs to what its Manifest says', ({ folder, distfile }) => {
    const archive = packFolder(examples + folder);
    const sha512 = createHash('sha512').update(archive).digest('hex');
    expect({ size: archive.length, sha512 }).toEqual(readManifests().get(distfile));
  });
  test('each package has a correct version and a defective one that lacks exactly one dependency', () => {
    const atoms = (text: string): string[] => text.match(/[a-z-]+\/[a-zA-Z0-9-]+(?=[:="\s])/g) ?? [];
    const dependencies = (path: string): string[] =>
      [...readFileSync(examples + path, 'utf8').matchAll(/^[BR]?DEPEND="([^"]*)"/gm)].flatMap(([, value]) =>
        atoms(`${value} `),
      );
    for (const [right, lacking] of [
      ['media-gfx/pngcrush/pngcrush-1.8.13', 'media-libs/libpng'],
      ['app-arch/advancecomp/advancecomp-2.1', 'dev-build/automake'],
      ['media-gfx/pngtext/pngtext-1.0', 'virtual/pkgconfig'],
    ] as const) {
      const missing = dependencies(`${right}.ebuild`).filter(
        (atom) => !dependencies(`${right}-r1.ebuild`).includes(atom),
      );
      expect(missing).toEqual([lacking]);
    }
    // This example declares it, but only for building.
    expect(readFileSync(`${examples}media-gfx/pngdims/pngdims-1.0-r1.ebuild`, 'utf8')).not.toContain(
      'RDEPEND',
    );
    expect(dependencies('media-gfx/pngdims/pngdims-1.0-r1.ebuild')).toEqual(['media-libs/libpng']);
  });
});

describe('archives', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hello-'));
    writeFileSync(join(folder, 'b.txt'), 'x'.repeat(1000));
    writeFileSync(join(folder, 'a.txt'), 'ä');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('what is packed can be read again', () => {
    const archive = gzipSync(packFolder(folder));
    const top = folder.slice(folder.lastIndexOf('/') + 1);
    expect(readMember(archive, `${top}/a.txt`)?.toString()).toBe('ä');
    expect(readMember(archive, `${top}/b.txt`)?.length).toBe(1000);
    expect(readMember(archive, `${top}/c.txt`)).toBeUndefined();
  });
});

describe('installedOnDebian', () => {
  test('counts what an installed package provides, and not what was removed', () => {
    const status = [
      'Package: pkgconf\nStatus: install ok installed\nProvides: pkg-config (= 1.8.1-1)\n',
      'Package: cmake\nStatus: deinstall ok config-files\n',
    ].join('\n');
    const installed = installedOnDebian(status);
    expect(installed.has('pkgconf')).toBe(true);
    expect(installed.has('pkg-config')).toBe(true);
    expect(installed.has('cmake')).toBe(false);
  });
});
