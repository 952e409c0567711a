import { readFileSync } from 'node:fs';
import { type BashParser, createBashParser } from '../server/src/ebuild/bash-parser.ts';

/** Opens the parser for all benchmarks, from the files of the extension. */
export function openBash(): Promise<BashParser> {
  return createBashParser(
    readFileSync('node_modules/web-tree-sitter/web-tree-sitter.wasm'),
    readFileSync('grammars/tree-sitter-bash.wasm'),
  );
}
