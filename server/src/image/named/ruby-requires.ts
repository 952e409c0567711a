import { dirname, join } from 'node:path/posix';
import { type Load, MOST_LOADS, type SourceFile } from './source-file.ts';

/** Words that open a part of a file, up to an `end` without indentation. */
const OPENING = /^(?:begin|if|unless|def|class|module|case|while|until|for)\b(?!.*\bend\s*$)/;

/**
 * Reads what a Ruby file requires whenever it is loaded: `require` and `require_relative` of a plain string without indentation and outside of
 * `begin`, `if` and others. Total, in linear time.
 *
 * @param user the path of the file, for relative ones
 */
export function readRubyRequires(text: string, user: string): SourceFile {
  const loads: Load[] = [];
  let depth = 0;
  let isComment = false;
  for (const line of text.split('\n')) {
    if (/^__END__\s*$/.test(line) || loads.length >= MOST_LOADS) break;
    if (/^=begin\b/.test(line)) isComment = true;
    if (!isComment) {
      if (OPENING.test(line)) depth++;
      else if (/^end\b/.test(line)) depth = Math.max(0, depth - 1);
      const [, relative, wanted = ''] =
        /^require(_relative)?\s*\(?\s*['"]([\w./-]+)['"]\s*\)?\s*(?:#.*)?$/.exec(line.trimEnd()) ?? [];
      const place = wanted.replace(/\.rb$/, '');
      if (depth === 0 && wanted !== '')
        loads.push(
          relative === undefined
            ? { wanted: [place], places: [place] }
            : { wanted: [place], places: [join(dirname(user), place)], isOwn: true },
        );
    }
    if (/^=end\b/.test(line)) isComment = false;
  }
  return { loads, namespaces: [] };
}
