import { describe, expect, test } from 'vitest';
import { decode } from '../../server/src/reapi/encoding.ts';
import { type ActionInput, describeAction } from '../../server/src/remote/client/action.ts';
import { digestBytes } from '../../server/src/remote/merkle/digest.ts';
import { createInputTree } from '../../server/src/remote/merkle/input-tree.ts';

const INPUT: ActionInput = {
  input: createInputTree().encode(),
  words: ['.ebuild-audit/enter', 'enter', '/usr/bin/node'],
  environment: { PATH: '/usr/bin', HOME: '/tmp' },
  properties: { unixUID: '1000', OSFamily: 'linux' },
  output: '/.ebuild-audit/answer.json.gz',
  time: 1500,
};

function read(more: Partial<ActionInput> = {}) {
  const { digest, blobs } = describeAction({ ...INPUT, ...more });
  const bytesOf = (hash = '') => blobs.get(hash)?.content as Uint8Array;
  const action = decode('Action', bytesOf(digest.hash));
  return { digest, blobs, action, command: decode('Command', bytesOf(action.commandDigest?.hash)) };
}

describe('an action', () => {
  test('has the command in the input root, and all blobs', () => {
    const { digest, blobs, action, command } = read();
    const properties = [
      { name: 'OSFamily', value: 'linux' },
      { name: 'unixUID', value: '1000' },
    ];
    expect(command).toEqual({
      arguments: INPUT.words,
      environmentVariables: [
        { name: 'HOME', value: '/tmp' },
        { name: 'PATH', value: '/usr/bin' },
      ],
      outputPaths: ['.ebuild-audit/answer.json.gz'],
      platform: { properties },
    });
    expect(action).toEqual({
      commandDigest: expect.anything(),
      inputRootDigest: INPUT.input.root,
      timeout: { seconds: 2 },
      platform: { properties },
    });
    expect(blobs.size).toBe(INPUT.input.blobs.size + 2);
    for (const [hash, { digest: own, content }] of blobs) {
      expect(own.hash).toBe(hash);
      expect(digestBytes(content as Uint8Array)).toEqual(own);
    }
    expect(blobs.has(digest.hash)).toBe(true);
  });

  test('without a limit has no time, and without properties an empty platform', () => {
    const { action } = read({ time: 0, properties: {} });
    expect(action.timeout).toBeUndefined();
    expect(action.platform).toEqual({});
  });

  test('is the same for the same input in another order, and another one for anything else', () => {
    const { hash } = read().digest;
    expect(read({ environment: { HOME: '/tmp', PATH: '/usr/bin' } }).digest.hash).toBe(hash);
    expect(read({ properties: { OSFamily: 'linux', unixUID: '1000' } }).digest.hash).toBe(hash);
    const tree = createInputTree();
    tree.addLink('/a', 'b');
    for (const other of [
      { words: ['x'] },
      { environment: {} },
      { properties: {} },
      { output: '/x' },
      { time: 3000 },
      { input: tree.encode() },
    ])
      expect(read(other).digest.hash).not.toBe(hash);
  });
});
