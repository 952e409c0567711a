import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  CompletionRequest,
  createConnection,
  createProtocolConnection,
  DefinitionRequest,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentLinkRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  InitializedNotification,
  type InitializeParams,
  InitializeRequest,
  PublishDiagnosticsNotification,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Knowledge } from '../../server/src/audit/knowledge.ts';
import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import { listen } from '../../server/src/lsp/connection.ts';
import { STATUS } from '../../server/src/protocol.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';
import { takeMark } from '../navigation/marked.ts';
import { createFixture, judge } from './fakes.ts';

const EBUILD = '/repo/dev-libs/foo/foo-2.ebuild';
const FILES: Readonly<Record<string, string>> = {
  [EBUILD]: 'EAPI=8\nSRC_URI="https://a.b/${P}.tar.gz"\n',
  '/repo/profiles/base/make.defaults': '',
};
const WORLD: Knowledge = {
  ...makeKnowledge(['dev-libs/foo-2:0[ssl]'], { summaries: { 'dev-libs/foo': 'A library' } }),
  ebuildFile: () => EBUILD,
  eclassSources: () => [],
};

/** Opens a text with a cursor mark below /repo, in a server whose knowledge is known. */
function openAt(path: string, marked: string) {
  const it = createFixture();
  for (const [file, text] of Object.entries(FILES)) it.files.set(file, text);
  it.setKnowledge(WORLD);
  const { text, offset } = takeMark(marked);
  const uri = `file://${path}`;
  const document = it.edit(text, 1, uri);
  return { ...it, document, place: { textDocument: { uri }, position: document.positionAt(offset) } };
}

/** Waits until the checker is there, which reads the settings first. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a file beside the ebuilds', () => {
  test('has no findings, no status and no trial', async () => {
    for (const path of [
      '/repo/eclass/my.eclass',
      '/repo/dev-libs/foo/metadata.xml',
      '/repo/profiles/package.mask',
    ]) {
      const it = openAt(path, 'EAPI=8\n');
      await settled();
      expect([it.published, it.statuses]).toEqual([[], []]);
      it.server.closed(`file://${path}`);
      expect(it.published).toEqual([]);
    }
  });

  test('a distfile names the ebuilds that fetch it, and leads to the word', async () => {
    const { server, place } = openAt('/repo/dev-libs/foo/Manifest', 'DIST foo-2.‸tar.gz 1 B a\n');
    await settled();
    expect(await server.files.hover(place)).toMatchObject({
      contents: { value: expect.stringContaining('Fetched by: foo-2') },
      range: { start: { character: 5 }, end: { character: 17 } },
    });
    expect(await server.files.definitions(place)).toEqual([
      {
        uri: `file://${EBUILD}`,
        range: { start: { line: 1, character: 9 }, end: { line: 1, character: 9 } },
      },
    ]);
  });

  test('a parent leads to a file of the profile, and to nothing in another repository', async () => {
    const lead = async (marked: string) => {
      const { server, place } = openAt('/repo/profiles/default/linux/parent', marked);
      return (await server.files.definitions(place))?.map(({ uri }) => uri);
    };
    expect(await lead('../../ba‸se\n')).toEqual(['file:///repo/profiles/base/make.defaults']);
    expect(await lead('../gon‸e\n')).toEqual([]);
    expect(await lead('gentoo:ba‸se\n')).toEqual([]);
  });

  test('what others have written means nothing in Markdown', async () => {
    const { server, place } = openAt(
      '/repo/dev-libs/foo/Manifest',
      'DIST [a](command:x)‸![b](http://c) 1 B a\n',
    );
    const hover = await server.files.hover(place);
    expect((hover?.contents as { value: string } | undefined)?.value).toMatch(/^```ebuild\n\[a\]/);
  });

  test('an ebuild is none', () => {
    const { server, place } = openAt(EBUILD, 'EAPI=8\n‸');
    expect(server.files.hover(place)).toBeUndefined();
    expect(server.files.links(place)).toBeUndefined();
  });
});

describe('an eclass', () => {
  const TEXT = `# @FUNCTION: my_build
# @DESCRIPTION:
# Builds.
my_build() {
	_my_hel‸per
}

# @FUNCTION: _my_helper
# @INTERNAL
# @DESCRIPTION:
# Helps.
_my_helper() {
	use ssl
}
`;

  test('has hovers, definitions, references, an outline and folds', async () => {
    const { server, place } = openAt('/repo/eclass/my.eclass', TEXT);
    await settled();
    expect(server.hover(place)).toMatchObject({ contents: { value: expect.stringContaining('Helps.') } });
    expect(server.navigation.definitions(place)).toMatchObject([{ range: { start: { line: 11 } } }]);
    expect(server.navigation.references({ ...place, context: { includeDeclaration: true } })).toHaveLength(2);
    expect(server.navigation.symbols(place).map(({ name }) => name)).toEqual(['my_build', '_my_helper']);
    expect(server.navigation.folds(place).map(({ startLine }) => startLine)).toEqual([0, 3, 7, 11]);
    expect(server.navigation.format(place)).toEqual([]);
  });

  test('leads from EXPORT_FUNCTIONS to its function', () => {
    const { server, place } = openAt(
      '/repo/eclass/my.eclass',
      'EXPORT_FUNCTIONS src_te‸st\nmy_src_test() { :; }\n',
    );
    expect(server.navigation.definitions(place)).toMatchObject([
      { range: { start: { line: 1, character: 0 } } },
    ]);
  });

  test('is renamed inside with its comment, if no ebuild may use the name', () => {
    const { server, place, document } = openAt('/repo/eclass/my.eclass', TEXT);
    const [edit] = server.navigation.rename({ ...place, newName: '_my_aide' })?.documentChanges ?? [];
    const edits = edit !== undefined && 'edits' in edit ? edit.edits : [];
    expect(TextDocument.applyEdits(document, edits as never)).toBe(
      document.getText().replaceAll('_my_helper', '_my_aide'),
    );
    const shared = { ...place, position: { line: 3, character: 2 } };
    expect(() => server.navigation.prepareRename(shared)).toThrow(
      /my\.eclass documents my_build for ebuilds/,
    );
  });

  test('that has grown too long is forgotten', () => {
    const { server, place, published } = openAt('/repo/eclass/my.eclass', TEXT);
    server.closed(place.textDocument.uri);
    expect(server.hover(place)).toBeUndefined();
    server.closed(place.textDocument.uri);
    expect(published).toMatchObject([{ diagnostics: [] }]);
  });
});

test('the answers come over the connection', async () => {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const stop = listen(createConnection(toServer, toClient), {
    openText: () => createLiveText(bash),
    judge,
    createRunner: () => ({ run: () => Promise.reject(new Error('no trial')), recall: async () => undefined }),
    createChecker() {
      throw new Error('no checker');
    },
    findPlaces: async () => new Map(),
    openStored: () => Promise.reject(new Error('no trial is kept here')),
    examine: async () => [],
    readFile: async () => '',
  });
  const client = createProtocolConnection(toClient, toServer);
  const told: string[] = [];
  client.onNotification(PublishDiagnosticsNotification.type, ({ uri }) => void told.push(uri));
  client.onNotification(STATUS, ({ uri }) => void told.push(uri));
  client.listen();
  const params: InitializeParams = { processId: null, rootUri: null, capabilities: {} };
  await client.sendRequest(InitializeRequest.type, params);
  await client.sendNotification(InitializedNotification.type, {});
  const open = async (path: string, text: string) => {
    const textDocument = { uri: `file://${path}` };
    await client.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { ...textDocument, languageId: 'plaintext', version: 1, text },
    });
    return textDocument;
  };
  const manifest = await open('/repo/dev-libs/foo/Manifest', 'DIST a 2048 B b\n');
  const position = { line: 0, character: 6 };
  expect(await client.sendRequest(HoverRequest.type, { textDocument: manifest, position })).toMatchObject({
    contents: { value: 'a\n\nSize: 2.0 KiB (2048 bytes)' },
  });
  expect(await client.sendRequest(DefinitionRequest.type, { textDocument: manifest, position })).toEqual([]);
  const mask = await open('/repo/profiles/package.mask', '# bug 123456\ndev-libs/foo\n');
  expect(await client.sendRequest(DocumentSymbolRequest.type, { textDocument: mask })).toHaveLength(1);
  expect(await client.sendRequest(FoldingRangeRequest.type, { textDocument: mask })).toHaveLength(1);
  expect(await client.sendRequest(DocumentLinkRequest.type, { textDocument: mask })).toHaveLength(1);
  const foreign = await open('/home/me/pom.xml', 'DEPEND=""\n');
  expect(await client.sendRequest(DocumentSymbolRequest.type, { textDocument: foreign })).toEqual([]);
  const metadata = await open('/repo/dev-libs/foo/metadata.xml', '<remote-id type="');
  const types = await client.sendRequest(CompletionRequest.type, {
    textDocument: metadata,
    position: { line: 0, character: 17 },
  });
  expect(types).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ label: 'github' })]),
  });
  await client.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: mask });
  expect(await client.sendRequest(DocumentSymbolRequest.type, { textDocument: mask })).toEqual([]);
  expect(told).toEqual([]);
  await stop();
  client.dispose();
});
