import { createTwoFilesPatch } from 'diff';
import type { Colors } from 'picocolors/types';
import { showLine, showText } from '../errors/visible-text.ts';

/** A unified diff without the lines that only repeat the file's name. */
export function formatDiff(file: string, before: string, after: string, colors: Colors): string[] {
  const name = showLine(file.replace(/^\/+/, ''));
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, undefined, undefined, {
    context: 2,
  });
  return showText(patch)
    .split('\n')
    .filter((line) => !line.startsWith('====') && line !== '')
    .map((line) => {
      if (line.startsWith('+')) return colors.green(line);
      return line.startsWith('-') ? colors.red(line) : line;
    });
}
