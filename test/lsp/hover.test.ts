import { describe, expect, test } from 'vitest';
import type { Hover, MarkupContent } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding } from '../../server/src/audit/finding.ts';
import { toHover } from '../../server/src/lsp/hover.ts';
import { ALL_FEATURES, createFixture, makeRecord, TEXT, URI } from './fakes.ts';

const features = ALL_FEATURES;
const document = TextDocument.create(URI, 'ebuild', 1, 'EAPI=8\nDEPEND="a/b"\n');
const finding: Finding = {
  code: 'missing-depend',
  severity: 'error',
  message: 'x',
  range: { start: 7, end: 13 },
  evidence: [
    {
      phase: 'compile',
      program: '/usr/bin/cc1',
      chain: ['src_compile', 'make', 'cc1'],
      operation: 'read',
      path: '/usr/include/png.h',
      result: 'denied',
      count: 1,
    },
  ],
  about: [],
  why: {
    owner: 'media-libs/libpng-1.6.39',
    rule: 'A header is built against: DEPEND (PMS 8.1).',
    trials: ['The build fails without it.'],
  },
};

/** Markdown without its code spans (CommonMark 6.1). */
const withoutCode = (markdown: string) => markdown.replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');

const markdownOf = (hover: Hover | undefined): string =>
  hover ? (hover.contents as MarkupContent).value : '';

describe('a hover', () => {
  test('says why first, then the chain, and not the message again', () => {
    expect(toHover(document, { findings: [finding], description: undefined }, 9, features)).toEqual({
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 6 } },
      contents: {
        kind: 'markdown',
        value: [
          '[missing-depend](https://github.com/ebuild-audit/ebuild-audit/blob/main/docs/findings/missing-depend.md)',
          '',
          '- *Why:* A header is built against: DEPEND (PMS 8.1).',
          '- *Tried:* The build fails without it.',
          '- *Package:* `media-libs/libpng-1.6.39`',
          '- *Seen:* `src_compile` › make › cc1 tried to read `/usr/include/png.h`, which was hidden',
        ].join('\n'),
      },
    });
  });

  test('has a link to a terminal for what the build failed without, if the client can open one', () => {
    const features = { ...ALL_FEATURES, terminalCommand: 'example.openTerminal' };
    const link = `[Open a terminal where the build fails](command:example.openTerminal?${encodeURIComponent(JSON.stringify([URI]))})`;
    const linesOf = (changes: Partial<Finding>) => {
      const hover = toHover(
        document,
        { findings: [{ ...finding, ...changes }], description: undefined },
        9,
        features,
      );
      return markdownOf(hover).split('\n');
    };
    expect(linesOf({}).at(-1)).toBe(link);
    expect(linesOf({ severity: 'warning' }).join('\n')).not.toContain('command:');
    const odd = TextDocument.create('file:///a(b)%20c/d-1.ebuild', 'ebuild', 1, 'EAPI=8\nDEPEND="a/b"\n');
    const hover = toHover(odd, { findings: [finding], description: undefined }, 9, features);
    const [, address = ''] = /\]\(command:example\.openTerminal\?([^()\s]*)\)$/.exec(markdownOf(hover)) ?? [];
    expect(JSON.parse(decodeURIComponent(address))).toEqual([odd.uri]);
  });

  test('leaves out the accesses where the client shows them with the message', () => {
    const hover = toHover(document, { findings: [finding], description: undefined }, 9, {
      ...features,
      diagnosticsInHover: true,
      markdownHover: false,
    });
    expect(((hover as Hover).contents as MarkupContent).value).not.toContain('Seen');
    expect(((hover as Hover).contents as MarkupContent).value).toContain('Why: A header');
  });

  test('shows every character of a name, and no name as Markdown', () => {
    const name = '\u202e\u200b`x`[y](command:z)<img src=1>\u00a0![p](q)\nwww.example.org';
    const evil: Finding = {
      ...finding,
      evidence: finding.evidence.map((access) => ({ ...access, path: `/usr/${name}`, chain: [name] })),
      why: { owner: name, rule: name, trials: [name] },
    };
    for (const markdownHover of [true, false]) {
      const hover = toHover(document, { findings: [evil], description: undefined }, 9, {
        ...features,
        markdownHover,
      });
      const { value } = (hover as Hover).contents as MarkupContent;
      expect(value).not.toMatch(/[^\P{C}\n]|\u00a0/u);
      expect(value.split('\n')).toHaveLength(markdownHover ? 6 : 5);
      if (markdownHover) expect(withoutCode(value.split('\n').slice(1).join('\n'))).not.toMatch(/[`[\]<>!]/);
    }
  });

  test('is plain for a client that shows no Markdown', () => {
    expect(
      toHover(document, { findings: [finding], description: undefined }, 9, {
        ...features,
        markdownHover: false,
      })?.contents,
    ).toEqual({
      kind: 'plaintext',
      value: [
        'missing-depend',
        'Why: A header is built against: DEPEND (PMS 8.1).',
        'Tried: The build fails without it.',
        'Package: media-libs/libpng-1.6.39',
        'Seen: src_compile › make › cc1 tried to read /usr/include/png.h, which was hidden',
      ].join('\n'),
    });
  });

  test('a path cannot write a link, a picture or another line into the editor', () => {
    const path = '/x](command:evil)\n\n# ![](http://a/b.png) <img src=x> `code` &amp;';
    const [evidence] = finding.evidence;
    if (evidence === undefined) throw new Error('there is evidence');
    const hover = toHover(
      document,
      { findings: [{ ...finding, evidence: [{ ...evidence, path }] }], description: undefined },
      9,
      features,
    );
    const { value } = (hover as Hover).contents as MarkupContent;
    const line = value.split('\n').at(-1) ?? '';
    // Every character that has a meaning in Markdown or HTML stands in a code span.
    const bare = withoutCode(line.slice('- *Seen:*'.length));
    expect(bare).not.toMatch(/[[\]()<>`*_#!&]/);
    expect(value.split('\n')).toHaveLength(6);
  });

  test('there is none beside the range, nor for what the text alone shows', () => {
    expect(toHover(document, { findings: [finding], description: undefined }, 0, features)).toBeUndefined();
    const { why: _, ...plain } = { ...finding, evidence: [] };
    expect(toHover(document, { findings: [plain], description: undefined }, 9, features)).toBeUndefined();
  });

  test('is answered for an open ebuild with a record', async () => {
    const it = createFixture();
    const at = (character: number) =>
      it.server.hover({ textDocument: { uri: URI }, position: { line: 2, character } });
    expect(at(1)).toBeUndefined();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
    await result;
    expect(at(1)?.contents).toMatchObject({ kind: 'markdown', value: expect.stringContaining('libpng') });
    expect(at(7)).toBeUndefined();
  });
});
