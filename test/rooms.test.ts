import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const project = fileURLToPath(new URL('..', import.meta.url));
let intruder = '';
afterEach(() => rmSync(intruder, { force: true }));

/** The compiler's errors when a room gets a file with one more line. */
function compileWith(room: string, line: string): string {
  intruder = `${project}server/src/${room}/intruder.ts`;
  writeFileSync(intruder, `${line}\n`);
  try {
    return execFileSync(
      process.execPath,
      [`${project}node_modules/typescript/bin/tsc`, '-b', `server/src/${room}`],
      {
        cwd: project,
        encoding: 'utf8',
      },
    );
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test.each(['pms', 'ebuild', 'audit'])('%s is pure: importing Node is a compile error', (room) => {
  expect(compileWith(room, "export { readFileSync } from 'node:fs';")).toMatch(
    /intruder\.ts.*TS2591|intruder\.ts.*TS2307/,
  );
});

test.each([
  ['pms', '../ebuild/edit/edit.ts'],
  ['ebuild', '../audit/record.ts'],
  ['audit', '../sandbox/event.ts'],
  ['installed', '../trial/trial.ts'],
  ['sandbox', '../audit/record.ts'],
  ['trial', '../cli/trial-command.ts'],
  ['trial', '../check/checker.ts'],
  ['check', '../lsp/settings.ts'],
  ['cli', '../lsp/settings.ts'],
])('%s may not import %s', (room, target) => {
  expect(compileWith(room, `export type * from '${target}';`)).toMatch(/TS6307|TS6059/);
});
