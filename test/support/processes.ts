import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The other processes that have a text in their arguments or environment.
 *
 * @param program the prefix of their arguments
 */
export function processesWith(marker: string, program = ''): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    const words = readOf(pid, 'cmdline');
    return words.startsWith(program) && [words, readOf(pid, 'environ')].some((text) => text.includes(marker));
  });
}

function readOf(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** Waits until no process has the text; returns those that still have it after `patience` milliseconds. */
export async function waitUntilGone(marker: string, patience: number): Promise<string[]> {
  const until = Date.now() + patience;
  let left = processesWith(marker);
  while (left.length > 0 && Date.now() < until) {
    await sleep(20);
    left = processesWith(marker);
  }
  return left;
}
