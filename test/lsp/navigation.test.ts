import { describe, expect, test } from 'vitest';
import type { TextDocumentEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { takeMark } from '../navigation/marked.ts';
import { createFixture, URI } from './fakes.ts';

/** Opens a text with a cursor mark. */
function openAt(marked: string) {
  const it = createFixture();
  const { text, offset } = takeMark(marked);
  const document = it.edit(text, 1);
  const place = { textDocument: { uri: URI }, position: document.positionAt(offset) };
  return { ...it, document, place, navigation: it.server.navigation };
}

describe('names', () => {
  const TEXT = 'MY_PV=1\nS="${WORKDIR}/${MY_‸PV}"\n';

  test('are highlighted where they are set and read', () => {
    const { navigation, place } = openAt(TEXT);
    expect(navigation.highlights(place)).toEqual([
      { kind: 3, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 5 } } },
      { kind: 2, range: { start: { line: 1, character: 16 }, end: { line: 1, character: 21 } } },
    ]);
  });

  test('have references, with or without the declaration', () => {
    const { navigation, place } = openAt(TEXT);
    const lines = (includeDeclaration: boolean) =>
      navigation
        .references({ ...place, context: { includeDeclaration } })
        .map(({ range }) => range.start.line);
    expect(lines(true)).toEqual([0, 1]);
    expect(lines(false)).toEqual([1]);
  });

  test('lead to their definition', () => {
    const { navigation, place } = openAt(TEXT);
    expect(navigation.definitions(place)).toEqual([
      { uri: URI, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 5 } } },
    ]);
  });

  test('are renamed in the version that was asked about', () => {
    const { navigation, place, document } = openAt(TEXT);
    expect(navigation.prepareRename(place)).toMatchObject({ placeholder: 'MY_PV' });
    const edit = navigation.rename({ ...place, newName: 'MY_P' })?.documentChanges?.[0] as TextDocumentEdit;
    expect(edit.textDocument.version).toBe(1);
    expect(TextDocument.applyEdits(document, edit.edits as never)).toBe('MY_P=1\nS="${WORKDIR}/${MY_P}"\n');
  });

  test('that are not the ebuild’s own are refused with a sentence', () => {
    const { navigation, place } = openAt('S="${WORK‸DIR}/foo"\n');
    expect(() => navigation.prepareRename(place)).toThrow(/^This ebuild does not define WORKDIR/);
    expect(() => navigation.rename({ ...place, newName: 'X' })).toThrow(
      /^This ebuild does not define WORKDIR/,
    );
  });

  test('are read from the newest text, also while it is not bash', () => {
    const { navigation, place, edit } = openAt(TEXT);
    edit('MY_PV=1\nS="${WORKDIR}/${MY_PV}\n', 2);
    expect(navigation.highlights(place)).toHaveLength(2);
    edit('', 3);
    expect(navigation.highlights(place)).toEqual([]);
  });

  test('of a document that is not open have no answer', () => {
    const { server } = createFixture();
    const place = { textDocument: { uri: URI }, position: { line: 0, character: 0 } };
    expect(server.navigation.highlights(place)).toEqual([]);
    expect(server.navigation.rename({ ...place, newName: 'x' })).toBeNull();
  });
});

test('the outline, the folds and the selections are those of the document', () => {
  const { navigation, place } = openAt('DEPEND="\n\ta? (\n\t\tb/‸c\n\t)\n"\nsrc_test() {\n\t:\n}\n');
  const { textDocument, position } = place;
  expect(navigation.symbols({ textDocument })).toMatchObject([
    { name: 'DEPEND', kind: 13, children: [{ name: 'a?', kind: 7, detail: 'b/c' }] },
    { name: 'src_test', kind: 6, range: { start: { line: 5 }, end: { line: 7 } } },
  ]);
  expect(navigation.folds({ textDocument })).toEqual([
    { startLine: 0, endLine: 3 },
    { startLine: 1, endLine: 2 },
    { startLine: 5, endLine: 6 },
  ]);
  const selections = navigation.selections({
    textDocument,
    positions: [position, { line: 99, character: 0 }],
  });
  expect(selections[0]).toMatchObject({
    range: { start: { line: 2, character: 4 } },
    parent: { range: { start: { line: 2, character: 2 } } },
  });
  expect(selections).toHaveLength(2);
});

test('links have the values put in', () => {
  const { navigation, place } = openAt('HOMEPAGE="https://${PN}.example/"\n# bug #123456\n');
  expect(navigation.links(place)).toEqual([
    {
      range: { start: { line: 0, character: 10 }, end: { line: 0, character: 32 } },
      target: 'https://foo.example/',
      tooltip: 'https://foo.example/',
    },
    {
      range: { start: { line: 1, character: 2 }, end: { line: 1, character: 13 } },
      target: 'https://bugs.gentoo.org/123456',
      tooltip: 'https://bugs.gentoo.org/123456',
    },
  ]);
});

test('lists are formatted, those that touch a range or all', () => {
  const { navigation, place, document } = openAt('DEPEND="\n a/b\n"\nRDEPEND="\n c/d\n"\n');
  const { textDocument } = place;
  const range = { start: { line: 4, character: 0 }, end: { line: 4, character: 1 } };
  expect(TextDocument.applyEdits(document, navigation.format({ textDocument, range }))).toBe(
    'DEPEND="\n a/b\n"\nRDEPEND="\n\tc/d\n"\n',
  );
  expect(TextDocument.applyEdits(document, navigation.format({ textDocument }))).toBe(
    'DEPEND="\n\ta/b\n"\nRDEPEND="\n\tc/d\n"\n',
  );
});
