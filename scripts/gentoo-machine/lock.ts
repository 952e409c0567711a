import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** In milliseconds. */
const PAUSE = 500;

/** Does something while no other process holds the file `lock`; one whose process has died does not count. */
export function withLock<T>(lock: string, action: () => T): T {
  while (!take(lock)) {
    const holder = readHolder(lock);
    if (holder !== undefined && !existsSync(`/proc/${holder}`)) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
  }
  try {
    return action();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock; undefined if it is just writing its number, or has gone. */
function readHolder(lock: string): number | undefined {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
