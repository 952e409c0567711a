import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { guardFrames } from '../../server/src/lsp/frame-guard.ts';

const frame = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** What is passed on of some chunks, and what is wrong with them. */
async function guard(chunks: readonly (string | Buffer)[], isEnded = true) {
  const [source, sink] = [new PassThrough(), new PassThrough()];
  const reasons: string[] = [];
  let passed = '';
  sink.setEncoding('utf8').on('data', (text: string) => {
    passed += text;
  });
  guardFrames(source, sink, (reason) => reasons.push(reason));
  for (const chunk of chunks) {
    source.write(chunk);
    await turn();
  }
  if (isEnded) source.end();
  await turn();
  await turn();
  return { passed, reasons };
}

test('messages are passed on, wherever the chunks are cut', async () => {
  const text = `${frame('{"a":"é"}')}Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n${frame('[]')}`;
  const bytes = Buffer.from(text);
  for (let cut = 1; cut < bytes.length; cut += 7) {
    const { passed, reasons } = await guard([bytes.subarray(0, cut), bytes.subarray(cut)]);
    expect(passed).toBe(`${frame('{"a":"é"}')}${frame('[]')}`);
    expect(reasons).toEqual([]);
  }
});

test.each([
  ['hello\n', 'a message has no valid header'],
  ['\0\0\0\0', 'a message has no valid header'],
  ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'a message has no valid length'],
  [`x${'-'.repeat(5000)}`, 'a message has no valid header'],
  ['Content-Type: x\r\n\r\n', 'a message has no valid length'],
  ['Content-Length: -1\r\n\r\n', 'a message has no valid length'],
  ['Content-Length: 1e3\r\n\r\n', 'a message has no valid length'],
  ['Content-Length: 999999999999\r\n\r\n', 'a message has no valid length'],
  ['Content-Length: 99999999999999999999\r\n\r\n', 'a message has no valid length'],
])('%j is broken at once', async (text, reason) => {
  const { passed, reasons } = await guard([frame('{}'), text, frame('{"later":1}')], false);
  expect(reasons).toEqual([reason]);
  expect(passed).toBe(frame('{}'));
});

test.each(['Content-Length: 5\r\n\r\n{', 'Content-Len'])('an end after %j is broken', async (text) => {
  expect((await guard([text])).reasons).toEqual(['the input ended within a message']);
});

test('a document that is too long is reported and opened without its text, and the next message is passed on', async () => {
  const uri = 'file:///a%20b/x-1.ebuild';
  const params = { textDocument: { uri, version: 1, text: '# x\n'.repeat(2_000_000) } };
  const text = frame(JSON.stringify({ jsonrpc: '2.0', method: 'textDocument/didOpen', params }));
  const { passed, reasons } = await guard([text.slice(0, 100), text.slice(100), frame('{}')]);
  const bodies = passed.split(/Content-Length: \d+\r\n\r\n/).slice(1);
  expect(bodies.map((body) => JSON.parse(body))).toEqual([
    { jsonrpc: '2.0', method: 'textDocument/didClose', params: { textDocument: { uri } } },
    { jsonrpc: '2.0', method: 'ebuildAudit/tooLong', params: { uri } },
    {
      jsonrpc: '2.0',
      method: 'textDocument/didOpen',
      params: { textDocument: { uri, languageId: 'ebuild', version: 0, text: '' } },
    },
    {},
  ]);
  expect(reasons).toEqual([]);
});

test('any other message that is too long is broken', async () => {
  const body = JSON.stringify({ id: 1, method: 'textDocument/hover', params: 'x'.repeat(5_000_000) });
  expect((await guard([frame(body)])).reasons).toEqual(['a message has more than 4 MiB']);
});
