import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Below the machine, as an administrator would install it without the package manager: no package owns it. */
const NODE = 'usr/local/bin/node';

/** Puts the running Node.js into the machine, with those of its libraries that the machine has not. */
export function copyNode(machine: string): void {
  const put = (source: string, target: string): void => {
    mkdirSync(dirname(join(machine, target)), { recursive: true });
    copyFileSync(source, join(machine, target));
  };
  put(process.execPath, NODE);
  for (const library of librariesOf(process.execPath))
    if (!existsSync(join(machine, library))) put(library, library);
}

/** The libraries that the loader finds for a program (ldd(1)). */
function librariesOf(program: string): string[] {
  const output = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...output.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}
