import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { catchSignals } from '../../server/src/cli/interruption.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process that can be sent signals. */
function fakeProcess() {
  const listeners = new Map<NodeJS.Signals, () => void>();
  const statuses: number[] = [];
  return {
    statuses,
    send: (signal: NodeJS.Signals) => listeners.get(signal)?.(),
    on: (signal: NodeJS.Signals, listener: () => void) => listeners.set(signal, listener),
    exit: (status: number) => void statuses.push(status),
  };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s cancels the command, which cleans up', (signal) => {
  const own = fakeProcess();
  const interrupted = catchSignals('The trial was cancelled.', () => {}, own);
  expect(interrupted.aborted).toBe(false);
  own.send(signal);
  expect(interrupted.reason).toEqual(new Error('The trial was cancelled.'));
  expect(own.statuses).toEqual([]);
});

test('a command that does not end within a second is ended', () => {
  const own = fakeProcess();
  const complaints: string[] = [];
  catchSignals('The trial was cancelled.', (sentence) => complaints.push(sentence), own);
  own.send('SIGTERM');
  vi.advanceTimersByTime(700);
  expect(own.statuses).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(own.statuses).toEqual([2]);
  expect(complaints).toEqual([
    'The trial was cancelled: it was ended in the middle, and the next trial removes what it has left.',
  ]);
  catchSignals('The review was cancelled.', (sentence) => complaints.push(sentence), own, 'review');
  own.send('SIGTERM');
  own.send('SIGTERM');
  expect(complaints.at(-1)).toBe(
    'The review was cancelled: it was ended in the middle, and the next review removes what it has left.',
  );
});

test('a second signal ends it at once', () => {
  const own = fakeProcess();
  catchSignals('The trial was cancelled.', () => {}, own);
  own.send('SIGINT');
  own.send('SIGINT');
  expect(own.statuses).toEqual([130]);
});
