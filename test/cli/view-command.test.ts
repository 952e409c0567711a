import { describe, expect, test } from 'vitest';
import { runViewCommand, type ViewCommandOptions } from '../../server/src/cli/view-command.ts';
import type { SeenView, ViewRequest } from '../../server/src/trial/view/seen-view.ts';

const SEEN: SeenView = {
  ebuild: 'dev-test/foo-1',
  root: '/gentoo',
  packageManager: 'portage 3',
  use: ['ssl'],
  visible: [
    { id: 'app-alternatives/awk-4', visibility: 'full', reason: 'system' },
    { id: 'dev-libs/a-1', visibility: 'full', reason: 'declared', standIn: 'app-alternatives/a-0' },
    { id: 'sys-libs/zlib-1', visibility: 'runtime', reason: 'system-closure' },
  ],
  hidden: 1,
  notInstalled: [{ variable: 'DEPEND', atom: 'dev-libs/absent' }],
};

const WRITTEN = {
  path: '/out/v.erofs',
  hashes: '/out/v.erofs.verity',
  description: '/out/v.erofs.json',
  size: 8192,
  image: 'a'.repeat(64),
  rootHash: 'b'.repeat(64),
  unreadable: ['/etc/shadow'],
};

async function run(seen: SeenView, more: Partial<ViewCommandOptions> = {}) {
  const asked: ViewRequest[] = [];
  let output = '';
  const status = await runViewCommand(
    {
      named: { file: 'foo-1.ebuild', path: '/r/foo-1.ebuild' },
      use: [],
      exportTo: undefined,
      format: 'human',
      ...more,
    },
    {
      async see(request) {
        asked.push(request);
        return seen;
      },
      readFile: async () => 'EAPI=8\n',
      print: (text) => {
        output += `${text}\n`;
      },
      progress: { write() {} },
    },
  );
  return { status, output, asked };
}

describe('what a trial sees', () => {
  test('is a line for each visible package, with the reason', async () => {
    const { status, output, asked } = await run(SEEN, { use: ['ssl'] });
    expect(status).toBe(0);
    expect(asked).toEqual([{ file: '/r/foo-1.ebuild', text: 'EAPI=8\n', use: ['ssl'] }]);
    expect(output).toBe(`A trial of dev-test/foo-1 in /gentoo sees 3 packages; 1 installed one is hidden.
Not installed: dev-libs/absent of DEPEND.
  app-alternatives/awk-4  @system
  dev-libs/a-1            provides app-alternatives/a-0, declared by the ebuild
  sys-libs/zlib-1         needed by a package of @system; without its development files
`);
  });

  test('is JSON if that is asked for', async () => {
    expect(JSON.parse((await run(SEEN, { format: 'json' })).output)).toEqual({ format: 1, ...SEEN });
  });

  test('is an image, of which the digests are said, the record and what is left out', async () => {
    const seen = { ...SEEN, written: WRITTEN };
    const { output, asked } = await run(seen, { exportTo: '/out/v.erofs' });
    expect(asked[0]?.exportTo).toBe('/out/v.erofs');
    expect(output).toBe(`image      /out/v.erofs
size       8192 bytes
sha256     ${WRITTEN.image}
root hash  ${WRITTEN.rootHash}
hashes     /out/v.erofs.verity
record     none: no stored trial of this text saw this; run "ebuild-audit trial" and export again
left out   1 path that the user of a build cannot read
`);
    expect((await run(seen, { exportTo: '/out/v.erofs', use: ['ssl'] })).output).toContain(
      'record     none: records are of the configured flags\n',
    );
    expect((await run({ ...SEEN, written: { ...WRITTEN, record: 'x.record' } })).output).toContain(
      'record     x.record\n',
    );
  });
});
