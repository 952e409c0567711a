/** The sentences of the extension that can be translated. Those of its manifest are in package.nls.json; what the language server says is English. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = 'client/src';

/** A call with its first argument, which may stand on the next line. */
const CALL = /\bl10n\.t\(\s*(?:'((?:[^'\\]|\\.)*)'|(.))/g;

/**
 * Collects the sentences of the client.
 *
 * @throws Error if a call has something else than a plain text in single quotes, which nobody could translate
 */
export function collectSentences(): string[] {
  const sentences = new Set<string>();
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.ts')) continue;
    for (const [call, sentence] of readFileSync(join(SOURCES, name), 'utf8').matchAll(CALL)) {
      if (sentence === undefined) throw new Error(`${name}: write a text in single quotes in ${call}…`);
      sentences.add(sentence.replace(/\\(.)/g, '$1'));
    }
  }
  return [...sentences].sort();
}

/** The text of the bundle: each sentence is its own key. */
export function formatBundle(sentences: readonly string[]): string {
  return `${JSON.stringify(Object.fromEntries(sentences.map((sentence) => [sentence, sentence])), undefined, 2)}\n`;
}
