import { readFileSync } from 'node:fs';
import { createBashParser } from '../../server/src/ebuild/bash-parser.ts';

/** One parser for a whole test file, from the same bytes that the product ships. */
export const bash = await createBashParser(
  readFileSync(new URL('../../node_modules/web-tree-sitter/web-tree-sitter.wasm', import.meta.url)),
  readFileSync(new URL('../../grammars/tree-sitter-bash.wasm', import.meta.url)),
);
