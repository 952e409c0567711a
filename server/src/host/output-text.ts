/** Every control character but the ends of lines and tabs. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;

/**
 * Control sequences and strings of ECMA-48. Every alternative takes what it has begun, so that the time is that of the length: a
 * pattern that gives up at the end of a line without an end of the sequence begins again at each of its characters.
 */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes start with ESC
  /\u001b\][^\n\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g;

/** Removes terminal escapes and control characters, so that a log cannot act on the reader's terminal. */
export function stripEscapes(text: string): string {
  return text.replace(ESCAPES, '').replace(CONTROLS, '');
}

/** A message is shorter, and a pattern may take the square of a line's length. */
const LONGEST_LINE = 1000;

/** The lines of some output as a person reads them: without escapes, trimmed, and cut where they are too long for a message. */
export function readLines(output: string): string[] {
  return output.split('\n').map((line) => stripEscapes(line.slice(0, LONGEST_LINE)).trim());
}

const FULL_DISK = /No space left on device|Disk quota exceeded/;

/** The first line of some output that tells of a full disk. Tests of programs provoke it with /dev/full; that does not count. */
export function findFullDisk(output: string): string | undefined {
  return readLines(output).find((line) => FULL_DISK.test(line) && !line.includes('/dev/full'));
}
