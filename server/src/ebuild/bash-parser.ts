import { Language, Parser } from 'web-tree-sitter';

/** A tree-sitter parser for bash. A process needs only one, because parsing is synchronous. */
export interface BashParser {
  readonly parser: Parser;
  /** For compiling queries. */
  readonly language: Language;
}

/**
 * Makes a parser from the bytes of the two WebAssembly modules, so that bundling need not keep their paths.
 *
 * It does not parse a text to warm up, because Node would wait for the thread that compiles the modules.
 *
 * @param runtimeWasm `web-tree-sitter.wasm` of the npm package web-tree-sitter
 * @param bashWasm `grammars/tree-sitter-bash.wasm`
 * @returns rejects if one of them is not such a module, or has an ABI that the runtime cannot read
 */
export async function createBashParser(runtimeWasm: Uint8Array, bashWasm: Uint8Array): Promise<BashParser> {
  await Parser.init({ wasmBinary: runtimeWasm as Uint8Array<ArrayBuffer> });
  const language = await Language.load(bashWasm);
  const parser = new Parser();
  parser.setLanguage(language);
  return { parser, language };
}
