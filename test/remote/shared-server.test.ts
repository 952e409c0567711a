import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { parseRemoteAddress } from '../../server/src/remote/api/remote-address.ts';
import { RemoteProblem } from '../../server/src/remote/api/remote-problem.ts';
import type { OpenServer } from '../../server/src/remote/client/server.ts';
import { shareServer } from '../../server/src/remote/client/shared-server.ts';
import { type Answers, type FakeRemote, Refusal, startFakeRemote } from '../support/fake-remote.ts';
import { useQuickWaits } from '../support/quick-waits.ts';

useQuickWaits();
const RIGHT = {
  cacheCapabilities: { digestFunctions: [1] },
  executionCapabilities: { execEnabled: true },
};
let server: FakeRemote;
afterEach(() => server.close());

async function share(capabilities: Answers['GetCapabilities'] = () => RIGHT) {
  server = await startFakeRemote({
    GetCapabilities: capabilities,
    FindMissingBlobs: () => ({}),
  });
  return shareServer({ address: parseRemoteAddress(server.shown), access: {}, properties: {} });
}

const asked = () => server.called.filter((name) => name === 'GetCapabilities').length;
const ask = ({ connection }: OpenServer) => connection.ask('FindMissingBlobs', {});

describe('a server', () => {
  test('is opened once for all work, also at the same time', async () => {
    const shared = await share();
    const used = await Promise.all([1, 2, 3].map(() => shared.use(async (open) => open, undefined)));
    used.push(await shared.use(async (open) => open, undefined));
    expect(new Set(used).size).toBe(1);
    expect(asked()).toBe(1);
    shared.close();
  });

  test.each([
    [status.UNAVAILABLE, 2],
    [status.UNAUTHENTICATED, 2],
    [status.INTERNAL, 1],
    [0, 1],
  ])('is opened again after a problem with the state %i: %i times in all', async (code, times) => {
    const shared = await share();
    const fail = async () => {
      throw new RemoteProblem(code, 'failed', false);
    };
    await expect(shared.use(fail, undefined)).rejects.toThrow('failed');
    await shared.use(ask, undefined);
    expect(asked()).toBe(times);
    shared.close();
  });

  test('whose connection one has given up serves the others until they are done, and the next has a new one', async () => {
    const shared = await share();
    let finish = () => {};
    const slow = shared.use(async (open) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return ask(open);
    }, undefined);
    const lost = shared.use(async () => {
      throw new RemoteProblem(status.UNAVAILABLE, 'lost', true);
    }, undefined);
    await expect(lost).rejects.toThrow('lost');
    const next = await shared.use(async (open) => open, undefined);
    finish();
    await slow;
    // The late end of the first has not taken the second away.
    expect(await shared.use(async (open) => open, undefined)).toBe(next);
    expect(asked()).toBe(2);
    shared.close();
  });

  test('that could not be opened is opened again', async () => {
    let isUp = false;
    const shared = await share(() => {
      if (!isUp) throw new Refusal(status.NOT_FOUND, 'no such instance');
      return RIGHT;
    });
    await expect(shared.use(ask, undefined)).rejects.toThrow('no such instance');
    isUp = true;
    await shared.use(ask, undefined);
    shared.close();
  });

  test('is not waited for by who is cancelled, and is given up when the last one is', async () => {
    let given = 0;
    const shared = await share(async (_, { cancelled }) => {
      if (++given === 1) await cancelled;
      return RIGHT;
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [first, second].map(({ signal }) => shared.use(ask, signal));
    const ended = waiting.map((each) => expect(each).rejects.toThrow('enough'));
    await expect.poll(() => given).toBe(1);
    first.abort(new Error('enough'));
    await ended[0];
    second.abort(new Error('enough'));
    await ended[1];
    await shared.use(ask, undefined);
    expect(given).toBe(2);
    await expect(shared.use(ask, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    shared.close();
  });
});
