import type { Readable, Writable } from 'node:stream';
import { TOO_LONG, type TooLongParams } from './too-long.ts';

/** Limits in bytes. A document of the longest text that is read fits into a message several times. */
const MOST_HEADER = 4096;
const MOST_MESSAGE = 4 * 2 ** 20;
/** A longer message is no document that an editor has open: the length is wrong, and waiting for its end would make the server deaf. */
const MOST_SKIPPED = 2 ** 30;
/** The part of a skipped message in which its method and document are named. */
const MOST_READ = 16 * 2 ** 10;

/** Receives what is wrong with the stream, as a clause. It is called at most once, and nothing is passed on after it. */
export type Broken = (reason: string) => void;

/**
 * Passes messages of the base protocol (LSP, "Base Protocol") on, so that nothing in a stream costs more than its messages may.
 *
 * A document that is too long for a message is skipped byte by byte. In its place {@link TOO_LONG} is passed on, between messages that close
 * the document and open it without a text. After anything that is no message, the beginning of the next one cannot be known, and the stream is broken.
 */
export function guardFrames(source: Readable, sink: Writable, broken: Broken): void {
  let header = '';
  let left = 0;
  /** The beginning of the message that is being skipped. */
  let skipped: string | undefined;
  let isBroken = false;

  const fail = (reason: string) => {
    if (!isBroken) broken(reason);
    isBroken = true;
  };
  const send = (method: string, params: unknown) => {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, params }));
    sink.write(`Content-Length: ${body.length}\r\n\r\n`);
    sink.write(body);
  };
  /** Takes bytes of a header. @returns how many */
  const takeHeader = (chunk: Buffer): number => {
    const before = header.length;
    header += chunk.toString('latin1', 0, MOST_HEADER);
    const end = header.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) {
      const lines = header.split('\r\n');
      const last = lines.pop() ?? '';
      if (header.length >= MOST_HEADER || !lines.every((line) => FIELD.test(line)) || !FIELD_START.test(last))
        fail('a message has no valid header');
      return chunk.length;
    }
    const length = readLength(header.slice(0, end));
    if (length === undefined || length > MOST_SKIPPED) fail('a message has no valid length');
    else {
      left = length;
      skipped = length > MOST_MESSAGE ? '' : undefined;
      if (skipped === undefined) sink.write(`Content-Length: ${length}\r\n\r\n`);
    }
    header = '';
    return end + 4 - before;
  };
  const takeBody = (chunk: Buffer): number => {
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (skipped === undefined) sink.write(part);
    else {
      if (skipped.length < MOST_READ) skipped += part.toString('utf8', 0, MOST_READ);
      if (left === 0) {
        const uri = readDocument(skipped);
        if (uri === undefined) fail(`a message has more than ${MOST_MESSAGE / 2 ** 20} MiB`);
        else {
          send('textDocument/didClose', { textDocument: { uri } });
          send(TOO_LONG, { uri } satisfies TooLongParams);
          // The client will close it.
          send('textDocument/didOpen', { textDocument: { uri, languageId: 'ebuild', version: 0, text: '' } });
        }
        skipped = undefined;
      }
    }
    return part.length;
  };

  source.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length && !isBroken; ) {
      const rest = chunk.subarray(at);
      at += left > 0 ? takeBody(rest) : takeHeader(rest);
    }
  });
  source.on('end', () => {
    if (left > 0 || header !== '') fail('the input ended within a message');
  });
}

const FIELD = /^[\w-]+: ?[\x20-\x7e]*$/;

/** A field whose end has not come yet. */
const FIELD_START = /^(?:[\w-]+(?::[\x20-\x7e]*)?)?\r?$/;

/** Reads Content-Length of a header; undefined if a field is not valid or there is no length. */
function readLength(header: string): number | undefined {
  const lines = header.split('\r\n');
  if (!lines.every((line) => FIELD.test(line))) return undefined;
  const value = lines
    .map((line) => /^content-length: ?(\d{1,15})$/i.exec(line)?.[1])
    .find((text) => text !== undefined);
  return value === undefined ? undefined : Number(value);
}

/** The document that the beginning of a notification names; undefined for any other message. */
function readDocument(beginning: string): string | undefined {
  if (!/"method"\s*:\s*"textDocument\/did(?:Open|Change|Save)"/.test(beginning)) return undefined;
  const quoted = /"uri"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(beginning)?.[1];
  try {
    return quoted === undefined ? undefined : (JSON.parse(quoted) as string);
  } catch {
    return undefined;
  }
}
