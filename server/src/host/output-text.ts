/** Every control character except newline and tab. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;

/**
 * Control sequences and strings of ECMA-48. Each alternative matches an unfinished sequence too, so matching takes linear time. Otherwise it
 * would fail at the end of the line and start again at each of its characters.
 */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes start with ESC
  /\u001b\][^\n\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g;

/** Removes terminal escapes and control characters, so that a log cannot act on the reader's terminal. */
export function stripEscapes(text: string): string {
  return text.replace(ESCAPES, '').replace(CONTROLS, '');
}

/** Limit in characters, longer than a message. Some patterns take a time that is quadratic in the length of a line. */
const LONGEST_LINE = 1000;

/** Splits output into lines without escapes, trimmed, and cut to the length of a message. */
export function readLines(output: string): string[] {
  return output.split('\n').map((line) => stripEscapes(line.slice(0, LONGEST_LINE)).trim());
}

const FULL_DISK = /No space left on device|Disk quota exceeded/;

/** Finds the first line that reports a full disk, except for /dev/full, which tests of programs use. */
export function findFullDisk(output: string): string | undefined {
  return readLines(output).find((line) => FULL_DISK.test(line) && !line.includes('/dev/full'));
}
