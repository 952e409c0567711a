import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../server/src/reapi/encoding.ts';
import { MESSAGES, type Message, type MessageName } from '../../server/src/reapi/messages.ts';

/** The wire format of protobuf, written out: https://protobuf.dev/programming-guides/encoding/ */
const VARINT = 0;
const BYTES = 2;

function varint(value: bigint | number): number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return bytes;
}

const number = (field: number, value: bigint | number) => [
  ...varint((field << 3) | VARINT),
  ...varint(value),
];
const bytes = (field: number, content: readonly number[] | string) => {
  const inner = typeof content === 'string' ? [...Buffer.from(content)] : content;
  return [...varint((field << 3) | BYTES), ...varint(inner.length), ...inner];
};

const HASH = 'ab'.repeat(32);
const digest = (size: number) => [...bytes(1, HASH), ...number(2, size)];

describe('a message has the bytes of the protocol', () => {
  const cases: readonly [MessageName, object, number[]][] = [
    ['Digest', { hash: HASH, sizeBytes: 300 }, digest(300)],
    [
      'Directory',
      {
        files: [
          {
            name: 'ü',
            digest: { hash: HASH, sizeBytes: 1 },
            isExecutable: true,
            nodeProperties: { mtime: { seconds: 7, nanos: 8 } },
          },
        ],
        directories: [{ name: 'd', digest: { hash: HASH, sizeBytes: 2 } }],
        symlinks: [{ name: 's', target: '../t' }],
        nodeProperties: { unixMode: { value: 0o755 } },
      },
      [
        ...bytes(1, [
          ...bytes(1, 'ü'),
          ...bytes(2, digest(1)),
          ...number(4, 1),
          ...bytes(6, bytes(2, [...number(1, 7), ...number(2, 8)])),
        ]),
        ...bytes(2, [...bytes(1, 'd'), ...bytes(2, digest(2))]),
        ...bytes(3, [...bytes(1, 's'), ...bytes(2, '../t')]),
        ...bytes(5, bytes(3, number(1, 0o755))),
      ],
    ],
    [
      'Command',
      {
        arguments: ['a', ''],
        environmentVariables: [{ name: 'N', value: 'v' }],
        platform: { properties: [{ name: 'P', value: 'w' }] },
        workingDirectory: 'w',
        outputPaths: ['o'],
      },
      [
        ...bytes(1, 'a'),
        ...bytes(1, ''),
        ...bytes(2, [...bytes(1, 'N'), ...bytes(2, 'v')]),
        ...bytes(5, bytes(1, [...bytes(1, 'P'), ...bytes(2, 'w')])),
        ...bytes(6, 'w'),
        ...bytes(7, 'o'),
      ],
    ],
    [
      'Action',
      {
        commandDigest: { hash: HASH, sizeBytes: 1 },
        inputRootDigest: { hash: HASH, sizeBytes: 2 },
        timeout: { seconds: 60 },
        doNotCache: true,
        salt: Uint8Array.of(1, 2),
        platform: {},
      },
      [
        ...bytes(1, digest(1)),
        ...bytes(2, digest(2)),
        ...bytes(6, number(1, 60)),
        ...number(7, 1),
        ...bytes(9, [1, 2]),
        ...bytes(10, []),
      ],
    ],
    [
      'ExecuteRequest',
      { instanceName: 'i', skipCacheLookup: true, actionDigest: { hash: HASH, sizeBytes: 3 } },
      [...bytes(1, 'i'), ...number(3, 1), ...bytes(6, digest(3))],
    ],
    [
      'Operation',
      {
        name: 'n',
        metadata: { typeUrl: 't', value: Uint8Array.of(9) },
        done: true,
        error: { code: 5, message: 'm', details: [{ typeUrl: 'u' }] },
        response: {},
      },
      [
        ...bytes(1, 'n'),
        ...bytes(2, [...bytes(1, 't'), ...bytes(2, [9])]),
        ...number(3, 1),
        ...bytes(4, [...number(1, 5), ...bytes(2, 'm'), ...bytes(3, bytes(1, 'u'))]),
        ...bytes(5, []),
      ],
    ],
    [
      'ExecuteResponse',
      {
        result: {
          outputFiles: [{ path: 'p', digest: { hash: HASH, sizeBytes: 4 }, contents: Uint8Array.of(3) }],
          exitCode: -1,
          stdoutRaw: Uint8Array.of(1),
          stderrDigest: { hash: HASH, sizeBytes: 5 },
        },
        cachedResult: true,
        status: {},
        message: 'm',
      },
      [
        ...bytes(1, [
          ...bytes(2, [...bytes(1, 'p'), ...bytes(2, digest(4)), ...bytes(5, [3])]),
          ...number(4, -1),
          ...bytes(5, [1]),
          ...bytes(8, digest(5)),
        ]),
        ...number(2, 1),
        ...bytes(3, []),
        ...bytes(5, 'm'),
      ],
    ],
    [
      'FindMissingBlobsRequest',
      { instanceName: 'i', blobDigests: [{ hash: HASH, sizeBytes: 6 }] },
      [...bytes(1, 'i'), ...bytes(2, digest(6))],
    ],
    [
      'BatchUpdateBlobsRequest',
      { requests: [{ digest: { hash: HASH, sizeBytes: 1 }, data: Uint8Array.of(7) }] },
      bytes(2, [...bytes(1, digest(1)), ...bytes(2, [7])]),
    ],
    [
      'BatchUpdateBlobsResponse',
      { responses: [{ digest: { hash: HASH, sizeBytes: 1 }, status: { code: 3 } }] },
      bytes(1, [...bytes(1, digest(1)), ...bytes(2, number(1, 3))]),
    ],
    [
      'WriteRequest',
      { resourceName: 'r', writeOffset: 1, finishWrite: true, data: Uint8Array.of(5) },
      [...bytes(1, 'r'), ...number(2, 1), ...number(3, 1), ...bytes(10, [5])],
    ],
    ['WriteResponse', { committedSize: -1 }, number(1, -1)],
    [
      'ReadRequest',
      { resourceName: 'r', readOffset: 1, readLimit: 2 },
      [...bytes(1, 'r'), ...number(2, 1), ...number(3, 2)],
    ],
    ['ReadResponse', { data: Uint8Array.of(1) }, bytes(10, [1])],
    [
      'PreconditionFailure',
      { violations: [{ type: 'MISSING', subject: 's', description: 'd' }] },
      bytes(1, [...bytes(1, 'MISSING'), ...bytes(2, 's'), ...bytes(3, 'd')]),
    ],
    [
      'ServerCapabilities',
      {
        cacheCapabilities: { maxBatchTotalSizeBytes: 9, symlinkAbsolutePathStrategy: 1 },
        executionCapabilities: { digestFunction: 1, execEnabled: true },
      },
      [...bytes(1, [...number(4, 9), ...number(5, 1)]), ...bytes(2, [...number(1, 1), ...number(2, 1)])],
    ],
    ['ExecuteOperationMetadata', { stage: 3 }, number(1, 3)],
    ['WaitExecutionRequest', { name: 'n' }, bytes(1, 'n')],
    ['CancelOperationRequest', { name: 'n' }, bytes(1, 'n')],
  ];

  test.each(cases)('%s', (name, message, expected) => {
    expect([...encode(name, message)]).toEqual(expected);
    expect(decode(name, Buffer.from(expected))).toEqual(toPlain(message));
  });
});

/** Buffers and other views as one kind. */
function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlain(inner)]));
}

test('a default is left out, and a message without fields is there', () => {
  expect([
    ...encode('WriteRequest', {
      resourceName: '',
      writeOffset: 0,
      finishWrite: false,
      data: new Uint8Array(),
    }),
  ]).toEqual([]);
  expect([...encode('Operation', { response: { typeUrl: '', value: new Uint8Array() } })]).toEqual(
    bytes(5, []),
  );
});

test('fields are in the order of their numbers, in whichever order they are given', () => {
  expect(encode('Digest', { sizeBytes: 1, hash: HASH })).toEqual(
    encode('Digest', { hash: HASH, sizeBytes: 1 }),
  );
});

test('unknown fields of every kind are skipped', () => {
  const known = digest(3);
  const unknown = [
    ...number(15, 2n ** 63n),
    ...bytes(16, [1, 2, 3]),
    ...varint((17 << 3) | 5),
    ...[1, 2, 3, 4],
    ...varint((18 << 3) | 1),
    ...[1, 2, 3, 4, 5, 6, 7, 8],
    ...varint((19 << 3) | 3),
    ...number(1, 1),
    ...varint((19 << 3) | 4),
  ];
  expect(decode('Digest', Uint8Array.from([...unknown, ...known, ...unknown]))).toEqual({
    hash: HASH,
    sizeBytes: 3,
  });
});

test('numbers in one packet and one by one are the same', () => {
  const apart = [...number(1, 1), ...number(1, 9)];
  const packed = bytes(1, [1, 9]);
  for (const form of [apart, packed])
    expect(decode('CacheCapabilities', Uint8Array.from(form))).toEqual({ digestFunctions: [1, 9] });
});

test.each([2 ** 31, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER])(
  'a size of %s bytes stays as it is',
  (sizeBytes) => {
    const made = encode('Digest', { sizeBytes });
    expect([...made]).toEqual(number(2, sizeBytes));
    expect(decode('Digest', made)).toEqual({ sizeBytes });
  },
);

test('what is cut off is an error', () => {
  const whole = Uint8Array.from(bytes(1, HASH));
  expect(() => decode('Digest', whole.subarray(0, 10))).toThrow();
});

describe('for any message', () => {
  type Field = readonly [number, string, 'many'?];
  const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    string: fc.string({ unit: 'grapheme' }),
    bytes: fc.uint8Array({ maxLength: 5 }).map((value) => Buffer.from(value)),
    bool: fc.boolean(),
    int32: fc.integer(),
    int64: fc.maxSafeInteger(),
    uint32: fc.nat({ max: 2 ** 32 - 1 }),
  };
  const messageOf = (name: MessageName): fc.Arbitrary<object> =>
    fc.record(
      Object.fromEntries(
        Object.entries(MESSAGES[name] as Readonly<Record<string, Field>>).map(([key, [, type, count]]) => {
          const value = scalars[type] ?? messageOf(type as MessageName);
          return [key, count === 'many' ? fc.array(value, { maxLength: 3 }) : value];
        }),
      ),
      { requiredKeys: [] },
    );
  const withoutDefaults = (value: unknown): unknown => {
    if (Array.isArray(value))
      return value.map((inner) => (typeof inner === 'object' ? withoutDefaults(inner) : inner));
    if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(
      ([, inner]) =>
        !(inner === '' || inner === 0 || inner === false) &&
        !((inner instanceof Uint8Array || Array.isArray(inner)) && inner.length === 0),
    );
    return Object.fromEntries(kept.map(([key, inner]) => [key, withoutDefaults(inner)]));
  };

  test.each(Object.keys(MESSAGES) as MessageName[])(
    'decoding %s gives it back, less its defaults',
    (name) => {
      fc.assert(
        fc.property(messageOf(name), (message) => {
          const made = encode(name, message as Message<typeof name>);
          expect(decode(name, made)).toEqual(withoutDefaults(message));
        }),
        { numRuns: 30 },
      );
    },
  );
});
