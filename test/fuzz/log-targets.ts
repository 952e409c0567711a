import { findRefusal } from '../../server/src/evaluation/refusal.ts';
import { throwIfDisturbed } from '../../server/src/host/disturbance.ts';
import { findFullDisk, stripEscapes } from '../../server/src/host/output-text.ts';
import { SandboxError } from '../../server/src/sandbox/sandbox.ts';
import { findFirstError } from '../../server/src/trial/builder/first-error.ts';
import { isSpoiltBySteps } from '../../server/src/trial/builder/steps/spoilt.ts';
import type { FuzzTarget } from './target.ts';

const LOGS = [
  `>>> Compiling source in /var/tmp/x ...
\u001b[32m *\u001b[0m make -j2
gcc -c main.c
main.c:3:10: fatal error: zlib.h: No such file or directory
    3 | #include <zlib.h>
compilation terminated.
make[1]: *** [Makefile:9: main.o] Error 1
 * ERROR: app-misc/x-1::gentoo failed (compile phase):
 *   emake failed
`,
  `CMake Error at CMakeLists.txt:4 (find_package):
  Could not find a package configuration file
tar: x: Cannot write: No space left on device
virtual memory exhausted: Cannot allocate memory
c++: fatal error: Killed signal terminated program cc1plus
/tmp/a.c: No such file or directory
`,
  `x.ebuild: line 4: syntax error near unexpected token \`)'
 * ERROR: app-misc/x-1 failed (depend phase):
 *   nothing.eclass could not be found by inherit()
`,
];
const WORDS = [
  ...[
    '\u001b[',
    '\u001b]8;;',
    '\u009b',
    '\n',
    '\r',
    ': error: ',
    'ERROR: ',
    ' failed (',
    '*** [',
    'signal 9',
  ],
  ...['No space left on device', 'No such file or directory', '/tmp/', ' * ', '(depend phase):', "'", '"'],
];

function checkSentence(found: string | undefined): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come out
  if (found !== undefined && /[\n\u001b\u009b]/.test(found)) throw new Error(`not one plain line: ${found}`);
}

/** What is read of the output of a build. */
export const LOG_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'findFirstError and more',
    seeds: LOGS,
    words: WORDS,
    run(text) {
      checkSentence(findFirstError(text));
      checkSentence(findRefusal('EAPI=8\nfoo)\n', text));
      checkSentence(findFullDisk(text));
      isSpoiltBySteps(text);
      const plain = stripEscapes(text);
      if (stripEscapes(plain).length > plain.length) throw new Error('escapes come back');
      try {
        throwIfDisturbed({ output: text, phase: 'compile', seesDeaths: false, memoryKills: 0 });
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error;
        checkSentence(error.message);
      }
    },
  },
];
