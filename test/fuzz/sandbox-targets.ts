import { createTraceDecoder, type TraceFrame } from '../../server/src/sandbox/trace-stream.ts';
import type { FuzzTarget } from './target.ts';

/** One character is one byte of the stream. */
const HEADER = 'EATR\x02\0\0\0';
const SEEDS = [
  `${HEADER}\r\0\0\0\x01\x01\0\0\0\0\0\0\0\x07\0\0\0`,
  `${HEADER}\x10\0\0\0\x03\x01\0\0\0\x01\x02\xfe\xff\x05\0\x02\0/a\0\x0b\0\0\0\x03\x01\0\0\0\x02\x01\xff\xff\x05\0`,
  `${HEADER}\x14\0\0\0\x02\x01\0\0\0\x01\x02\0/b\0\x01\0\x01\0b\0\0\0\0\x05\0\0\0\x05\0\0\0\0`,
  `${HEADER}\r\0\0\0\x0a\x01\0\0\0\0\x03\x35\0\x01\0:\0\x05\0\0\0\x09\x01\0\0\0\x01\0\0\0\x07`,
];

function decode(bytes: Buffer, step: number): { frames: TraceFrame[]; error: string | undefined } {
  const decoder = createTraceDecoder();
  const frames: TraceFrame[] = [];
  let error: string | undefined;
  for (let at = 0; at < bytes.length; at += step) {
    const decoded = decoder.push(bytes.subarray(at, at + step));
    frames.push(...decoded.frames);
    error ??= decoded.error;
  }
  return { frames, error: error ?? decoder.end().error };
}

export const SANDBOX_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'createTraceDecoder',
    seeds: SEEDS,
    words: [HEADER, '\xff\xff', '\xfe\xff', '\0\0\0', '\x01\0\0\0', '\x05\0\0\0\x05'],
    /** However the stream is cut, the same frames and the same end come out of it, and an error is a sentence. */
    run(text) {
      const bytes = Buffer.from(text, 'latin1');
      const whole = decode(bytes, Math.max(1, bytes.length));
      const pieces = decode(bytes, 3);
      if (JSON.stringify(whole) !== JSON.stringify(pieces)) throw new Error('cutting the stream changes it');
      if (whole.error !== undefined && !whole.error.startsWith('the trace')) throw new Error(whole.error);
    },
  },
];
