/**
 * The output of `ver_cut` (PMS 12.3.14).
 *
 * @param range `start`, `start-` or `start-end`, counted from 1; 0 begins with the separator before the first component
 * @returns undefined if the range is not valid, or begins after the last component
 */
export function cutVersion(version: string, range: string): string | undefined {
  const parts = splitVersion(version);
  const limits = readRange(range, parts.length / 2);
  if (limits === undefined || limits.end < limits.start) return undefined;
  const start = limits.start > 0 ? limits.start * 2 - 1 : 0;
  return parts.slice(start, limits.end * 2).join('');
}

/**
 * The output of `ver_rs` (PMS 12.3.14).
 *
 * @param changes pairs of a range of separators and their replacement
 * @returns undefined if a range is not valid
 */
export function replaceSeparators(version: string, changes: readonly string[]): string | undefined {
  const parts = splitVersion(version);
  for (let index = 0; index + 1 < changes.length; index += 2) {
    const limits = readRange(changes[index] ?? '', parts.length / 2);
    if (limits === undefined) return undefined;
    for (let place = limits.start * 2; place <= limits.end * 2 && place < parts.length; place += 2) {
      if (place > 0 || parts[place] !== '') parts[place] = changes[index + 1] ?? '';
    }
  }
  return parts.join('');
}

/** Splits into separator, component, separator, component, …; a component has only digits or only letters. */
function splitVersion(version: string): string[] {
  const parts: string[] = [];
  for (const match of version.matchAll(/([^A-Za-z0-9]*)(\d+|[A-Za-z]+|$)/g)) {
    if (match[0] !== '') parts.push(match[1] ?? '', match[2] ?? '');
  }
  return parts;
}

function readRange(range: string, most: number): { start: number; end: number } | undefined {
  const match = /^(\d{1,4})(-(\d{0,4}))?$/.exec(range);
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = match[2] === undefined ? start : match[3] === '' ? most : Number(match[3]);
  return start <= end || match[3] === '' ? { start, end: Math.min(end, most) } : undefined;
}
