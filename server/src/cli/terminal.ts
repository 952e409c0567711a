/** Where the words of a command go. */
import picocolors from 'picocolors';
import { showLine, showText } from '../errors/visible-text.ts';

/** The output of a command: its report on standard output, progress and complaints on standard error. */
export function openTerminal() {
  return {
    print,
    complain,
    progress: {
      isTTY: process.stderr.isTTY === true,
      columns: process.stderr.columns ?? 80,
      write: (text: string) => process.stderr.write(text),
    },
    colors: picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true),
  };
}

/** The terminal of this process for `ebuild-audit shell`, which reads keys one by one after `enter`. */
export function openShellTerminal() {
  const { stdin, stdout } = process;
  const isTerminal = stdin.isTTY && stdout.isTTY;
  return {
    terminal: {
      input: stdin,
      kind: isTerminal ? process.env.TERM || 'dumb' : undefined,
      size: () => ({ rows: stdout.rows ?? 24, columns: stdout.columns ?? 80 }),
      onResize(listener: () => void) {
        stdout.on('resize', listener);
        return () => void stdout.off('resize', listener);
      },
      write: (chunk: Uint8Array) => void stdout.write(chunk),
    },
    enter() {
      if (isTerminal) stdin.setRawMode(true);
      return () => {
        if (isTerminal) stdin.setRawMode(false);
        // What is open for reading keeps the process alive.
        stdin.destroy();
      };
    },
  };
}

/** Prints a report. Every name in it was made visible before; this is for one that a form forgets. */
export function print(text: string): void {
  const shown = text.split(COLOUR).map((part, at) => (at % 2 === 0 ? showText(part) : part));
  process.stdout.write(`${shown.join('')}\n`);
}

/** The sequences with which a report is coloured; the names in it have no escapes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes start with ESC
const COLOUR = /(\u001b\[\d+m)/;

/** Says one sentence on standard error. */
export function complain(sentence: string): void {
  process.stderr.write(`ebuild-audit: ${showLine(sentence)}\n`);
}
