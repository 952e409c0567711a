import { readFileSync } from 'node:fs';
import { createBashParser } from '../../server/src/ebuild/bash-parser.ts';

/** One parser for a whole test file, from the same bytes that the product ships. Tests and the fuzzer run in the project's folder. */
export const bash = await createBashParser(
  readFileSync('node_modules/web-tree-sitter/web-tree-sitter.wasm'),
  readFileSync('grammars/tree-sitter-bash.wasm'),
);
