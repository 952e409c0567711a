import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encode } from '../../server/src/reapi/encoding.ts';
import type { Message } from '../../server/src/reapi/messages.ts';
import { RemoteProblem } from '../../server/src/remote/api/remote-problem.ts';
import { type ExecutionInput, execute } from '../../server/src/remote/service/execution.ts';
import { type Answers, type FakeRemote, Refusal, startFakeRemote } from '../support/fake-remote.ts';
import { useQuickWaits } from '../support/quick-waits.ts';

const waits = useQuickWaits();
const ACTION = { hash: 'a'.repeat(64), sizeBytes: 5 };
const NAME = 'operations/1';

let server: FakeRemote | undefined;
beforeEach(() => {
  waits.length = 0;
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const stage = (number: number, name = NAME): Message<'Operation'> => ({
  name,
  metadata: { value: encode('ExecuteOperationMetadata', { stage: number }) },
});
const done = (response: Message<'ExecuteResponse'>): Message<'Operation'> => ({
  name: NAME,
  done: true,
  response: { value: encode('ExecuteResponse', response) },
});
const succeeded = done({ result: { exitCode: 0, stdoutRaw: Buffer.from('ok') } });
const failed = (code: number, message = 'm', details: Message<'Any'>[] = []) =>
  done({ status: { code, message, details } });

async function run(answers: Answers, more: Partial<ExecutionInput> = {}) {
  server = await startFakeRemote(answers);
  return execute(server.connect({}, 'main'), {
    action: ACTION,
    acceptsCached: true,
    provideAgain: async () => {},
    onStage() {},
    signal: undefined,
    ...more,
  });
}

async function problemOf(action: Promise<unknown>): Promise<RemoteProblem> {
  const error = await action.then(
    () => new Error('it succeeded'),
    (failure) => failure,
  );
  expect(error).toBeInstanceOf(RemoteProblem);
  return error;
}

describe('an execution', () => {
  test('tells its stages, and gives the result', async () => {
    const stages: string[] = [];
    const { result, isCached } = await run(
      {
        *Execute(request) {
          expect(request).toEqual({ instanceName: 'main', actionDigest: ACTION });
          for (const number of [1, 2, 3, 4, 0, 99]) yield stage(number);
          yield { name: NAME, metadata: { value: Buffer.from([0xff]) } };
          yield succeeded;
        },
      },
      { onStage: (found) => stages.push(found) },
    );
    expect(stages).toEqual([
      'looking in the cache',
      'queued',
      'executing',
      'completed',
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect([result.stdoutRaw?.toString(), isCached]).toEqual(['ok', false]);
  });

  test('says whether the server had the result', async () => {
    const executed = await run({ Execute: () => [done({ result: {}, cachedResult: true })] });
    expect(executed).toEqual({ result: {}, isCached: true });
  });

  test('does not take a result of the cache if it must not', async () => {
    let skips: boolean | undefined;
    await run(
      {
        *Execute({ skipCacheLookup }) {
          skips = skipCacheLookup;
          yield succeeded;
        },
      },
      { acceptsCached: false },
    );
    expect(skips).toBe(true);
  });

  test('whose connection breaks is waited for under its name, as often as it still runs', async () => {
    const names: (string | undefined)[] = [];
    await run({
      async *Execute(_, { cancelled }) {
        yield stage(3);
        server?.breakConnections();
        await cancelled;
      },
      *WaitExecution({ name }) {
        names.push(name);
        yield stage(3);
        if (names.length === 20) yield succeeded;
        else throw new Refusal(status.UNAVAILABLE, 'proxy');
      },
    });
    expect(names).toEqual(Array(20).fill(NAME));
    expect(server?.called.filter((name) => name === 'Execute')).toHaveLength(1);
  });

  test('whose stream ends without a result is waited for', async () => {
    await run({ Execute: () => [stage(2)], WaitExecution: () => [succeeded] });
    expect(server?.called).toEqual(['Execute', 'WaitExecution']);
  });

  test('that does not answer any more is given up', async () => {
    const problem = await problemOf(run({ Execute: () => [stage(2)], WaitExecution: () => [] }));
    expect(problem.message).toBe(`${server?.shown}/main ended the connection before the result`);
    expect(server?.called).toEqual(['Execute', ...Array(4).fill('WaitExecution')]);
  });

  test('that the server has forgotten is begun anew, and not for ever', async () => {
    let executions = 0;
    const answers = (most: number): Answers => ({
      *Execute() {
        executions += 1;
        if (executions === most) yield succeeded;
        else yield stage(3);
      },
      // biome-ignore lint/correctness/useYield: it only fails
      *WaitExecution() {
        throw new Refusal(status.NOT_FOUND, 'unknown operation');
      },
    });
    await run(answers(2));
    expect(server?.called).toEqual(['Execute', 'WaitExecution', 'Execute']);
    await server?.close();
    await problemOf(run(answers(Number.NaN)));
    expect(server?.called.length).toBeLessThanOrEqual(5);
  });

  const missing = (...subjects: string[]): Message<'Any'> => ({
    typeUrl: 'type.googleapis.com/google.rpc.PreconditionFailure',
    value: encode('PreconditionFailure', {
      violations: subjects.map((subject) => ({ type: 'MISSING', subject })),
    }),
  });

  test.each([status.FAILED_PRECONDITION, status.NOT_FOUND])(
    'with state %s gets the blobs that are missing',
    async (code) => {
      const hashes: (readonly string[])[] = [];
      const one = 'b'.repeat(64);
      const two = 'c'.repeat(64);
      await run(
        {
          *Execute() {
            if (hashes.length > 0) yield succeeded;
            else
              yield failed(code, 'missing', [
                missing(`blobs/${one}/5`, 'nonsense', `main/blobs/${two}/7`),
                {
                  typeUrl: 'type.googleapis.com/google.rpc.PreconditionFailure',
                  value: Buffer.from([0xff, 0xff]),
                },
                { typeUrl: 'other', value: Buffer.from([0xff]) },
              ]);
          },
        },
        { provideAgain: async (found) => void hashes.push(found) },
      );
      expect(hashes).toEqual([[one, two]]);
    },
  );

  test('that is refused before it begins for missing blobs gets them, and not for ever', async () => {
    const hashes: (readonly string[])[] = [];
    const problem = await problemOf(
      run(
        {
          // biome-ignore lint/correctness/useYield: it only fails
          *Execute() {
            throw new Refusal(status.FAILED_PRECONDITION, 'action missing');
          },
        },
        { provideAgain: async (found) => void hashes.push(found) },
      ),
    );
    expect(problem.message).toContain('FAILED_PRECONDITION: action missing');
    expect(hashes).toEqual(Array(4).fill([]));
  });

  test('that took too long says what to do, and is not tried again', async () => {
    const problem = await problemOf(run({ Execute: () => [failed(status.DEADLINE_EXCEEDED, 'timed out')] }));
    expect(problem.message).toBe(
      `${server?.shown}/main stopped the trial, which took longer than its limit allows: raise it with "--limit time=…" (timed out)`,
    );
    expect(server?.called).toEqual(['Execute']);
  });

  test('for which there is no room is tried again, and ends with a sentence', async () => {
    const problem = await problemOf(
      run({ Execute: () => [failed(status.RESOURCE_EXHAUSTED, 'no workers')] }),
    );
    expect(problem.message).toBe(
      `${server?.shown}/main could not execute the trial (RESOURCE_EXHAUSTED: no workers)`,
    );
    expect([server?.called.length, waits.length]).toEqual([5, 4]);
  });

  test('with an error in place of a response says it', async () => {
    const problem = await problemOf(
      run({ Execute: () => [{ name: NAME, done: true, error: { code: 3, message: 'bad action' } }] }),
    );
    expect(problem.message).toBe(
      `${server?.shown}/main could not execute the trial (INVALID_ARGUMENT: bad action)`,
    );
  });

  test.each([
    ['nothing', { name: NAME, done: true }],
    ['no result', done({})],
    ['nonsense', { name: NAME, done: true, response: { value: Buffer.from([0xff, 0xff]) } }],
  ])('with %s as its response is a problem', async (_, operation) => {
    const problem = await problemOf(run({ Execute: () => [operation] }));
    expect(problem.message).toBe(`${server?.shown}/main answered with something that is no result`);
  });
});

describe('a cancelled execution', () => {
  test('is cancelled on the server too, by its name', async () => {
    const controller = new AbortController();
    let cancelledName: string | undefined;
    await expect(
      run(
        {
          async *Execute(_, { cancelled }) {
            yield stage(3);
            await cancelled;
          },
          CancelOperation({ name }) {
            cancelledName = name;
            return {};
          },
        },
        { signal: controller.signal, onStage: () => controller.abort(new Error('enough')) },
      ),
    ).rejects.toThrow('enough');
    expect(cancelledName).toBe(NAME);
  });

  test('between two connections is cancelled on the server too', async () => {
    const controller = new AbortController();
    const abortInWait = () => {
      if (waits.length > 0) controller.abort(new Error('enough'));
      else setImmediate(abortInWait);
    };
    abortInWait();
    await expect(
      run({ Execute: () => [stage(3)], CancelOperation: () => ({}) }, { signal: controller.signal }),
    ).rejects.toThrow('enough');
    expect(server?.called).toEqual(['Execute', 'CancelOperation']);
  });

  test('throws the reason also if the server cannot cancel', async () => {
    const controller = new AbortController();
    await expect(
      run(
        {
          async *Execute(_, { cancelled }) {
            yield stage(3);
            await cancelled;
          },
        },
        { signal: controller.signal, onStage: () => controller.abort(new Error('enough')) },
      ),
    ).rejects.toThrow('enough');
  });

  test('before it began is not sent', async () => {
    await expect(run({}, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(server?.called).toEqual([]);
  });
});
