import { readFileSync } from 'node:fs';
import { type BashParser, createBashParser } from '../server/src/ebuild/bash-parser.ts';

/** The parser for all benchmarks, from the files that the product ships. */
export function openBash(): Promise<BashParser> {
  return createBashParser(
    readFileSync('node_modules/web-tree-sitter/web-tree-sitter.wasm'),
    readFileSync('grammars/tree-sitter-bash.wasm'),
  );
}
