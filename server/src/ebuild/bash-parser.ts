import { Language, Parser } from 'web-tree-sitter';

/** A tree-sitter parser for bash that is ready to use. One is enough for a process: parsing is synchronous. */
export interface BashParser {
  readonly parser: Parser;
  /** For compiling queries. */
  readonly language: Language;
}

/**
 * Makes a parser from the bytes of the two WebAssembly modules, so that no file path has to survive bundling.
 *
 * Nothing is parsed to warm up: the engine compiles in another thread while the first texts are read, and Node waits for that
 * thread before it goes on where something was parsed in the same turn of the event loop that has loaded the modules.
 *
 * @param runtimeWasm `web-tree-sitter.wasm` of the npm package web-tree-sitter
 * @param bashWasm `grammars/tree-sitter-bash.wasm`
 * @returns rejects where one of them is not such a module, or has an ABI that the runtime does not read
 */
export async function createBashParser(runtimeWasm: Uint8Array, bashWasm: Uint8Array): Promise<BashParser> {
  await Parser.init({ wasmBinary: runtimeWasm as Uint8Array<ArrayBuffer> });
  const language = await Language.load(bashWasm);
  const parser = new Parser();
  parser.setLanguage(language);
  return { parser, language };
}
