import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePath, encodePath } from '../../server/src/files/path-bytes.ts';
import { createTraceDecoder, type TraceFrame } from '../../server/src/sandbox/trace-stream.ts';
import type { ConnectEvent, LookUpResult, NamedPath, Operation } from '../../server/src/trace/event.ts';

const OPERATIONS: readonly Operation[] = [
  'open',
  'stat',
  'access',
  'readlink',
  'write',
  'rename',
  'link',
  'unlink',
  'mkdir',
  'symlink',
  'readdir',
  'chdir',
  'attributes',
];
const RESULTS: readonly LookUpResult[] = ['unknown', 'missing', 'file', 'folder'];
const FAMILIES: readonly ConnectEvent['family'][] = ['unix', 'abstract', 'inet', 'inet6', 'other'];
const HEADER = Buffer.from('EATR\x02\0\0\0', 'latin1');

const u8 = (n: number) => Buffer.from([n]);
const u16 = (n: number) => Buffer.from([n & 255, n >> 8]);
const u32 = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
};
const text = (s: string) => {
  const bytes = encodePath(s);
  return Buffer.concat([u16(bytes.length), bytes]);
};

/** A second implementation of docs/trace-format.md. Repeated paths are named by their slot. */
function createEncoder() {
  const slots = new Map<string, number>();
  const putPath = (s: string) => {
    const bytes = encodePath(s);
    if (bytes.length === 0 || bytes.length > 180) return text(s);
    const known = slots.get(s);
    if (known !== undefined) return Buffer.concat([u16(0xffff), u16(known)]);
    slots.set(s, slots.size);
    return Buffer.concat([u16(0xfffe), u16(slots.size - 1), text(s)]);
  };
  const named = ({ path, hops }: NamedPath) =>
    Buffer.concat([putPath(path), u8(hops.length), ...hops.map(putPath)]);
  return (f: TraceFrame): Buffer => {
    const body = (() => {
      switch (f.kind) {
        case 'process':
          return [u8(1), u32(f.serial), u32(f.parent), u32(f.pid)];
        case 'exec':
          return [
            ...[u8(2), u32(f.serial), u8(f.found ? 1 : 0), named(f)],
            ...[u16(f.argv.length), ...f.argv.map(text)],
            ...[u8(f.interpreters.length), ...f.interpreters.map(named)],
            named(f.loader ?? { path: '', hops: [] }),
          ];
        case 'access':
          return [
            ...[u8(3), u32(f.serial), u8(OPERATIONS.indexOf(f.operation) + 1), u8(RESULTS.indexOf(f.result))],
            ...[named(f), ...(f.to === undefined ? [] : [putPath(f.to)])],
          ];
        case 'gap':
          return [u8(4), u32(f.serial), text(f.reason)];
        case 'end':
          return [u8(5), u32(f.status)];
        case 'failure':
          return [u8(6), text(f.step), u32(f.errno), text(f.detail)];
        case 'ready':
          return [u8(7), u8(f.seesDeaths ? 1 : 0)];
        case 'exceeded':
          return [u8(8), text(f.limit)];
        case 'exited':
          return [u8(9), u32(f.serial)];
        case 'killed':
          return [u8(11), u32(f.serial), u8(f.signal)];
        case 'connect':
          return [
            ...[
              u8(10),
              u32(f.serial),
              u8(f.operation === 'send' ? 1 : 0),
              u8(FAMILIES.indexOf(f.family) + 1),
            ],
            ...[u16(f.port), named(f)],
          ];
      }
    })();
    const bytes = Buffer.concat(body);
    return Buffer.concat([u32(bytes.length), bytes]);
  };
}
const encode = (frames: readonly TraceFrame[]) => Buffer.concat([HEADER, ...frames.map(createEncoder())]);

const path = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => decodePath(bytes)),
  fc.constantFrom('/usr/bin/cc', '/usr/include/stdio.h', `/${'long'.repeat(60)}`, '/usr/share/\ufffd'),
);
const number = fc.nat({ max: 0xffffffff });
const named = { path, hops: fc.array(path, { maxLength: 3 }) };
const frame: fc.Arbitrary<TraceFrame> = fc.oneof(
  fc.record({ kind: fc.constant('process' as const), serial: number, parent: number, pid: number }),
  fc.record({ kind: fc.constant('exited' as const), serial: number }),
  fc.record(
    {
      ...named,
      kind: fc.constant('exec' as const),
      serial: number,
      argv: fc.array(path, { maxLength: 5 }),
      interpreters: fc.array(fc.record(named), { maxLength: 3 }),
      loader: fc.record(named),
      found: fc.boolean(),
    },
    { requiredKeys: ['kind', 'serial', 'path', 'hops', 'argv', 'interpreters', 'found'] },
  ),
  fc.record({
    ...named,
    kind: fc.constant('access' as const),
    serial: number,
    operation: fc.constantFrom(...OPERATIONS.filter((one) => !/^(rename|link|symlink)$/.test(one))),
    result: fc.constantFrom(...RESULTS),
  }),
  fc.record({
    ...named,
    kind: fc.constant('access' as const),
    serial: number,
    operation: fc.constantFrom('rename' as const, 'link' as const, 'symlink' as const),
    result: fc.constant('unknown' as const),
    to: path,
  }),
  fc.record({
    ...named,
    kind: fc.constant('connect' as const),
    serial: number,
    operation: fc.constantFrom('connect' as const, 'send' as const),
    family: fc.constantFrom(...FAMILIES),
    port: fc.nat({ max: 65535 }),
  }),
  fc.record({ kind: fc.constant('gap' as const), serial: number, reason: path }),
  fc.record({ kind: fc.constant('end' as const), status: number }),
  fc.record({ kind: fc.constant('failure' as const), step: path, errno: number, detail: path }),
  fc.record({ kind: fc.constant('ready' as const), seesDeaths: fc.boolean() }),
  fc.record({ kind: fc.constant('killed' as const), serial: number, signal: fc.nat({ max: 64 }) }),
  fc.constant({ kind: 'exceeded' as const, limit: 'memory' as const }),
);

/** Decodes `bytes` in pieces of the given sizes, in turn. */
function decodeInPieces(bytes: Buffer, sizes: readonly number[]) {
  const decoder = createTraceDecoder();
  const frames: TraceFrame[] = [];
  let error: string | undefined;
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    const decoded = decoder.push(bytes.subarray(at, at + size));
    frames.push(...decoded.frames);
    error ??= decoded.error;
    at += size;
  }
  error ??= decoder.end().error;
  return { frames, error };
}

describe('the trace stream', () => {
  test('frames survive any cutting into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (frames, sizes) => {
          const bytes = encode(frames);
          expect(decodeInPieces(bytes, sizes)).toEqual({ frames, error: undefined });
        },
      ),
    );
  });

  test('damage gives an error or other frames, never an exception', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.nat({ max: 255 }),
        (frames, where, byte) => {
          const bytes = encode(frames);
          bytes[where % bytes.length] = byte;
          const { frames: decoded, error } = decodeInPieces(bytes, [7]);
          expect(
            decoded.length <= frames.length * 60 && (error === undefined || error.startsWith('the trace')),
          ).toBe(true);
        },
      ),
    );
  });

  test('a stream that is cut anywhere but between frames says so', () => {
    const bytes = encode([{ kind: 'gap', serial: 1, reason: 'x' }]);
    for (let length = 0; length < bytes.length; length++) {
      const { error } = decodeInPieces(bytes.subarray(0, length), [3]);
      if (length === HEADER.length) expect(error).toBeUndefined();
      else expect(error).toMatch(/^the trace ended/);
    }
  });

  test('what is no trace is refused at once, and nothing is taken after an error', () => {
    const decoder = createTraceDecoder();
    expect(decoder.push(Buffer.from('#!/bin/sh\n')).error).toMatch(/rebuild the helper/);
    const later = decoder.push(encode([{ kind: 'ready', seesDeaths: true }]));
    expect(later.frames).toEqual([]);
    expect(later.error).toMatch(/rebuild the helper/);
  });

  test('a slot that was never filled, and one beyond the table, is damage', () => {
    const access = (...path: Buffer[]) => {
      const body = Buffer.concat([u8(3), u32(1), u8(1), u8(1), ...path, u8(0)]);
      return createTraceDecoder().push(Buffer.concat([HEADER, u32(body.length), body])).error;
    };
    expect(access(u16(0xfffe), u16(16383), text('/a'))).toBeUndefined();
    expect(access(u16(0xffff), u16(5))).toBe('the trace holds a damaged frame of type 3');
    expect(access(u16(0xfffe), u16(16384), text('/a'))).toBe('the trace holds a damaged frame of type 3');
  });

  test('a frame with a length beyond reason is damage, not an allocation', () => {
    const decoder = createTraceDecoder();
    expect(decoder.push(Buffer.concat([HEADER, u32(0xffffffff)])).error).toBe(
      'the trace holds a frame of 4294967295 bytes',
    );
  });
});
