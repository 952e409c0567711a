import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const SCRIPTS = '/usr/lib/python-exec';
/** What the links of programs lead to, from /usr/bin; the package dev-lang/python-exec installs it. */
const LAUNCHER = '../lib/python-exec/python-exec2';

/**
 * Lays out Python and its programs as Gentoo does: a program is in /usr/lib/python-exec/PYTHON, and its name in /usr/bin is a link to
 * python-exec, which starts it. The VDB follows. Returns the Python, e.g. `python3.11`, whose link /usr/bin/python3 is left to the package
 * dev-lang/python-exec.
 */
export function layOutPython(machine: string): string {
  const python = readlinkSync(join(machine, 'usr/bin/python3'));
  const folder = `${SCRIPTS}/${python}`;
  mkdirSync(join(machine, folder), { recursive: true });
  const database = join(machine, 'var/db/pkg');
  for (const category of readdirSync(database))
    for (const name of readdirSync(join(database, category))) {
      const entry = join(database, category, name);
      const isPython = category === 'dev-lang' && /^python-\d/.test(name);
      const links = isPython ? interpreterLinks(machine, folder, python) : [];
      const lines = readFileSync(join(entry, 'CONTENTS'), 'utf8').split('\n').filter(Boolean);
      const changed = lines.flatMap((line) => launchedLines(machine, folder, python, line));
      if (links.length === 0 && changed.join() === lines.join()) continue;
      const folders = [`dir ${SCRIPTS}`, `dir ${folder}`];
      writeFileSync(join(entry, 'CONTENTS'), `${[...changed, ...folders, ...links].join('\n')}\n`);
      if (isPython) needPythonExec(join(entry, 'RDEPEND'));
    }
  return python;
}

/** The links by which python-exec finds the interpreter itself. */
function interpreterLinks(machine: string, folder: string, python: string): string[] {
  return ['python', 'python3'].map((name) => link(machine, `${folder}/${name}`, `../../../bin/${python}`));
}

/** The lines of CONTENTS for a line of a program in /usr/bin: those of what it becomes. Other lines stay. */
function launchedLines(machine: string, folder: string, python: string, line: string): string[] {
  if (line.startsWith('sym /usr/bin/python3 ')) return [];
  const name = /^obj \/usr\/bin\/(\S+) /.exec(line)?.[1];
  if (name === undefined || name.endsWith(python.slice('python'.length))) return [line];
  const path = join(machine, 'usr/bin', name);
  const text = readFileSync(path, 'latin1');
  if (!/^#! ?\/usr\/bin\/(?:env )?python3\n/.test(text)) return [line];
  const script = text.replace(/^.*/, `#!/usr/bin/${python}`);
  const target = `${folder}/${name}`;
  writeFileSync(join(machine, target), script, { encoding: 'latin1', mode: 0o755 });
  const digest = createHash('md5').update(script, 'latin1').digest('hex');
  rmSync(path);
  return [
    link(machine, `/usr/bin/${name}`, LAUNCHER),
    `obj ${target} ${digest} ${secondsOf(join(machine, target))}`,
  ];
}

/** Makes a link and returns its line of CONTENTS. */
function link(machine: string, path: string, target: string): string {
  symlinkSync(target, join(machine, path));
  return `sym ${path} -> ${target} ${secondsOf(join(machine, path))}`;
}

function secondsOf(path: string): number {
  return Math.floor(lstatSync(path).mtimeMs / 1000);
}

function needPythonExec(file: string): void {
  writeFileSync(file, `${readFileSync(file, 'utf8').trim()} dev-lang/python-exec:2\n`);
}
