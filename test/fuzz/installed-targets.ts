import { scanContents } from '../../server/src/installed/contents.ts';
import { createOwnerIndex } from '../../server/src/installed/owner-index/owner-index.ts';
import { createTableBuilder } from '../../server/src/installed/owner-index/table-builder.ts';
import {
  decodeTableFile,
  decodeText,
  encodeTableFile,
} from '../../server/src/installed/owner-index/table-file.ts';
import { createPathResolver } from '../../server/src/installed/path-resolver.ts';
import { splitPackageName } from '../../server/src/installed/vdb.ts';
import { installed } from '../support/installed-package.ts';
import type { FuzzTarget } from './target.ts';

const CONTENTS = [
  'dir /usr',
  'dir /usr/share/a b',
  'obj /usr/share/a b/c d 0123456789abcdef0123456789abcdef 1700000000',
  'sym /usr/lib/libz.so -> libz.so.1 1700000000',
  'sym /usr/old -> ../x (2053, 6292L, 41471, 1, 0, 0, 8L, 1108535742, 1108535742, 1108535742)',
  'obj /lib/x -> y 0123456789abcdef0123456789abcdef 1',
  'fif /run/pipe',
  '',
].join('\n');

const createResolver = () =>
  createPathResolver(
    { path: '/', folders: [], links: [{ path: '/lib', target: 'usr/lib' }] },
    () => undefined,
  );
const one = installed('cat/one-1');
const two = installed('cat/two-1');

function buildTable(contents: Buffer) {
  const builder = createTableBuilder(createResolver());
  builder.add(contents);
  builder.add(Buffer.from(CONTENTS));
  return builder.finish();
}

/** Asks everything there is to ask; nothing may throw or go on forever. */
function askAll(table: ReturnType<typeof buildTable>): { path: string; owners: number }[] {
  const index = createOwnerIndex([{ table, packages: [one, two] }]);
  for (const folder of index.folders()) index.packagesInFolder(folder);
  for (const path of index.sharedFiles()) index.ownersOf(path);
  return [one, two].flatMap((owner) =>
    [...index.filesOf(owner)].map(({ path }) => ({
      path,
      owners: index.ownersOf(path).filter((found) => found.package === owner).length,
    })),
  );
}

const FILE = Buffer.concat(encodeTableFile('{"records":[]}', buildTable(Buffer.from(CONTENTS)))).toString(
  'latin1',
);

export const INSTALLED_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'scanContents',
    seeds: [CONTENTS],
    words: [
      'obj ',
      'dir /',
      'sym /',
      ' -> ',
      '/',
      '//',
      '/../',
      '/.',
      ' 1',
      '\n',
      '\r\n',
      '\xff',
      'fif ',
      'dev ',
      ')',
      '(',
    ],
    run(text) {
      for (const bytes of [Buffer.from(text, 'utf8'), Buffer.from(text, 'latin1')]) {
        let before = 0;
        scanContents(bytes, (_, start, end) => {
          if (start < before || end <= start || end > bytes.length)
            throw new Error('a path outside the text');
          if (bytes[start] !== 0x2f || bytes.subarray(start, end).includes(0)) throw new Error('not a path');
          before = end;
        });
        for (const { path, owners } of askAll(buildTable(bytes)))
          if (owners !== 1 && path.length <= 4096) throw new Error(`${path} has lost its owner`);
      }
    },
  },
  {
    name: 'splitPackageName',
    seeds: ['foo-bar-1.2_p3-r4', 'gtk+-3.24', 'font-100dpi-1a_beta2', '1-1-1-1-1-1-1-1.1.1.1_p_p_p-r'],
    words: ['-', '-1', '.', '_p', '_alpha', '-r', '+', 'a'],
    run(text) {
      const split = splitPackageName(text);
      if (split !== undefined && `${split.name}-${split.version}` !== text)
        throw new Error('something is lost');
    },
  },
  {
    name: 'decodeTableFile',
    seeds: [FILE],
    words: ['\0\0\0\0', '\xff\xff\xff\xff', '\x01\0\0\0', '\0\0\0\x80', 'EbuildAu'],
    run(text) {
      // A copy of its own begins at a whole word, as a file that is read does.
      const bytes = Buffer.allocUnsafeSlow(text.length);
      bytes.write(text, 'latin1');
      if (text !== FILE && decodeTableFile(bytes) !== undefined)
        throw new Error('an altered file is taken for whole');
      decodeText(bytes);
    },
  },
  {
    name: 'a bit of a table file',
    seeds: ['1 2', '500 7'],
    words: ['0', '1', '9', ' '],
    run(text) {
      const [place = 0, bit = 0] = (text.match(/\d{1,9}/g) ?? []).map(Number);
      const bytes = Buffer.allocUnsafeSlow(FILE.length);
      bytes.write(FILE, 'latin1');
      const at = place % bytes.length;
      bytes[at] = (bytes[at] as number) ^ (1 << (bit % 8));
      if (decodeTableFile(bytes) !== undefined) throw new Error(`byte ${at} of the file is not looked at`);
    },
  },
];
