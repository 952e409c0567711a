/** Ebuilds that attack. Their attempts are a table, and the same attempts can be made without a sandbox. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';

import { unprivileged } from './decoys.ts';

/** Bash code by the name of the attempt. It exits with 0 if it has reached its target. */
export type Attempts = Readonly<Record<string, string>>;

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Bash that makes the attempts one after another, each in its own process. It prints `tried NAME`, and `reached NAME`
 * if the attempt succeeded.
 *
 * @param variables the variables that the attempts get
 */
export function attemptsScript(attempts: Attempts, variables: Readonly<Record<string, string>>): string {
  return [
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`),
    'attempt() {',
    '\techo "hostile: tried $1"',
    '\tif timeout 5 bash -c "$2" </dev/null >/dev/null 2>&1; then echo "hostile: reached $1"; fi',
    '}',
    ...Object.entries(attempts).map(([name, code]) => `attempt ${quote(name)} ${quote(code)}`),
  ].join('\n');
}

/** An ebuild whose compile phase makes the attempts; the programs of its files folder are in `$FILES`. */
export function attackingEbuild(attempts: Attempts, variables: Readonly<Record<string, string>>): string {
  return tinyEbuild(
    `src_compile() {\nexport FILES="\${FILESDIR}"\n${attemptsScript(attempts, variables)}\necho "hostile: done"\n}`,
  );
}

/** The attempts in the output of a run. */
export interface Tried {
  readonly tried: readonly string[];
  readonly reached: readonly string[];
}

export function readTried(output: string): Tried {
  const names = (word: string) =>
    output.split('\n').flatMap((line) => new RegExp(`^hostile: ${word} (.*)$`).exec(line)?.[1] ?? []);
  return { tried: names('tried'), reached: names('reached') };
}

/**
 * Makes the attempts without a sandbox, as the user that a build has on the host, to prove that each would succeed.
 *
 * @param folder an existing folder in which a working folder is made
 * @param files the folder of compiled programs
 */
export async function tryOutside(
  attempts: Attempts,
  variables: Readonly<Record<string, string>>,
  folder: string,
  files: string,
): Promise<Tried> {
  const work = mkdtempSync(join(folder, 'outside-'));
  chmodSync(work, 0o777);
  const script = join(folder, `outside-${Object.keys(attempts).length}-${Date.now()}.sh`);
  writeFileSync(
    script,
    `export FILES=${quote(files)} WORKDIR=${quote(work)} T=${quote(work)}\n${attemptsScript(attempts, variables)}\n`,
  );
  const [word = '', ...words] = [...unprivileged, 'bash', script];
  const child = spawn(word, words, {
    cwd: work,
    env: { PATH: process.env.PATH, HOME: variables.HOSTILE_HOME, GITHUB_TOKEN: 'decoy-token' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  rmSync(work, { recursive: true, force: true });
  rmSync(script);
  return readTried(output);
}
