import { Language, Parser } from 'web-tree-sitter';

/** A tree-sitter parser for bash that is ready to use. One is enough for a process: parsing is synchronous. */
export interface BashParser {
  readonly parser: Parser;
  /** For compiling queries. */
  readonly language: Language;
}

const WARM_UP = `EAPI=8
A="a \${B%.*} $(c 'd')"
if [[ \${A} == *9999 ]]; then inherit a; fi
f() { local a=( b "\${c[@]}" ); for x in \${A}; do d || die; done; case \${x} in a) ;; esac; }
`.repeat(20);

/**
 * Makes a parser from the bytes of the two WebAssembly modules, so that no file path has to survive bundling.
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
  // The engine compiles what is called for the first time: that would count against the deadline of the first ebuild.
  parser.parse(WARM_UP)?.delete();
  return { parser, language };
}
