/** A world in which trials of a model root take some milliseconds: bash runs the ebuild, and no sandbox is made. */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEbuild } from '../../../server/src/ebuild/facts.ts';
import type { TrialWorld } from '../../../server/src/host/world.ts';
import type { EvaluatedMetadata, PackageManager } from '../../../server/src/package-manager/port.ts';
import { recordByVariable } from '../../../server/src/pms/dependency-variable.ts';
import type { LayeredFolder, Sandbox, SandboxSpec } from '../../../server/src/sandbox/sandbox.ts';
import type { TraceEvent } from '../../../server/src/trace/event.ts';
import { bash } from '../../ebuild/bash.ts';
import { exec, start } from '../../trace/traced-build.ts';

/** Tests and commands run in the folder of the project. */
const PROGRAM = resolve('test/trial/model/run.sh');

export function createModelWorld(root: string, home: string): TrialWorld {
  return {
    rootPath: root,
    home,
    packageManager: MANAGER,
    sandbox: { run: (spec, listener) => runInModel(root, spec, listener) },
    buildsAsOther: false,
    jobs: 1,
    snapshotBytes: 2 ** 30,
    readFacts: (text) => parseEbuild(text, bash),
    now: () => performance.now(),
  };
}

const MANAGER: PackageManager = {
  name: 'portage',
  version: 'model',
  files: { binds: [], programs: ['/usr/bin/pm'] },
  ownWork: { folders: ['/pm'], ebuildHelpers: [] },
  metadataCommand: ({ ebuild, repository }, use) => ({
    argv: ['metadata'],
    environment: { MODEL_EBUILD: ebuild, MODEL_REPOSITORY: repository, USE: use.join(' ') },
  }),
  readMetadata(output): EvaluatedMetadata {
    const [
      eapi = '',
      slot = '',
      iuse = '',
      inherited = '',
      DEPEND = '',
      RDEPEND = '',
      BDEPEND = '',
      use = '',
      phases = '',
    ] = output.split('\0');
    const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
    return {
      ...{ eapi, slot, requiredUse: '', restrict: '' },
      dependencies: { ...recordByVariable(() => ''), DEPEND, RDEPEND, BDEPEND },
      iuse: words(iuse),
      ...{ fixedUse: [], expandedUse: [], use: words(use), inherited: words(inherited) },
      ...{ definedPhases: words(phases), distfiles: [], system: ['sys-apps/base'], approximations: [] },
    };
  },
  buildCommand: ({ ebuild, repository }, { phases, use }) => ({
    argv: ['build', ...phases],
    environment: { MODEL_EBUILD: ebuild, MODEL_REPOSITORY: repository, USE: use.join(' ') },
  }),
  phaseOf: ([script, phase]) =>
    script === 'ebuild.sh' ? (phase as ReturnType<PackageManager['phaseOf']>) : undefined,
  buildFolder: ({ work }) => `${work}/build`,
  python: 'python',
  savedEnvironment: ({ work }) => `${work}/build/environment`,
  imageFolder: ({ work }) => `${work}/build/image`,
};

/** Runs a command of the model: what a sandbox hides is a list, and what the kernel would trace is written by the program. */
async function runInModel(root: string, spec: SandboxSpec, listener: Parameters<Sandbox['run']>[1]) {
  const folder = mkdtempSync(join(dirname(spec.staging), 'model-'));
  const placeOf = (path: string) => {
    const bind = spec.binds.findLast(({ target }) => path === target || path.startsWith(`${target}/`));
    return bind === undefined ? path : bind.source + path.slice(bind.target.length);
  };
  const { MODEL_EBUILD = '', MODEL_REPOSITORY = '', USE = '' } = spec.environment;
  const [layered] = spec.layered ?? [];
  const work =
    layered === undefined ? join(placeOf('/var/ebuild-audit-work'), 'build') : join(folder, 'work');
  mkdirSync(work, { recursive: true });
  const layers = layered === undefined ? [] : [...layered.lower, layered.upper];
  for (const layer of layers) cpSync(layer, work, { recursive: true, force: true });
  const files = { hidden: join(folder, 'hidden'), trace: join(folder, 'trace') };
  const hidden = spec.overlays.flatMap(({ target, hidden: below }) =>
    below.map((path) => `${target}/${path}\n`),
  );
  writeFileSync(files.hidden, hidden.join(''));
  writeFileSync(files.trace, '');
  const env = {
    PATH: process.env.PATH,
    USE,
    MODEL_ROOT: root,
    MODEL_HIDDEN: files.hidden,
    MODEL_TRACE: files.trace,
    MODEL_EBUILD: placeOf(MODEL_EBUILD),
    MODEL_REPOSITORY: placeOf(MODEL_REPOSITORY),
    MODEL_REPOSITORY_SHOWN: MODEL_REPOSITORY,
    FILESDIR: join(placeOf(dirname(MODEL_EBUILD)), 'files'),
    WORK: work,
  };
  const status = await runProgram(spec.command, env, work, listener.output);
  for (const event of toEvents(readFileSync(files.trace, 'utf8'))) listener.event(event);
  if (layered !== undefined) keepChanges(work, layered);
  rmSync(folder, { recursive: true });
  return { status, seesDeaths: false };
}

function runProgram(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  output: (chunk: Uint8Array) => void,
): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn('bash', ['--norc', PROGRAM, ...command], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', output);
    child.stderr.on('data', output);
    child.on('error', reject);
    child.on('close', (status) => done(status ?? 1));
  });
}

/** The events of the lines that run.sh writes. */
function* toEvents(trace: string): Generator<TraceEvent> {
  yield start(1, 0);
  yield exec(1, '/pm/pm');
  let shell = 1;
  let next = 2;
  for (const line of trace.split('\n')) {
    const [, kind = '', shown, path = ''] = /^(\w+) ([yn]) (.*)$/.exec(line) ?? [];
    if (kind === 'phase') {
      shell = next++;
      yield start(shell, 1);
      yield exec(shell, '/pm/ebuild.sh', ['ebuild.sh', path]);
    } else if (kind === 'run') {
      const serial = next++;
      yield start(serial, shell);
      yield exec(serial, path, [path], [], shown === 'y');
    } else if (kind !== '') {
      const operation = kind === 'list' ? 'readdir' : kind === 'open' ? 'open' : 'stat';
      const found = kind === 'list' ? 'folder' : 'file';
      yield {
        kind: 'access',
        serial: shell,
        operation,
        result: shown === 'y' ? found : 'missing',
        path,
        hops: [],
      };
    }
  }
}

/** Puts the files that a run has changed into the upper layer. */
function keepChanges(work: string, { lower, upper }: LayeredFolder): void {
  for (const name of readdirSync(work, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(work, name);
    if (isFolder(file)) {
      if (!lower.some((layer) => existsSync(join(layer, name))))
        mkdirSync(join(upper, name), { recursive: true });
      continue;
    }
    const below = [...lower].reverse().find((layer) => existsSync(join(layer, name)));
    const content = readFileSync(file);
    if (below !== undefined && content.equals(readFileSync(join(below, name)))) continue;
    mkdirSync(dirname(join(upper, name)), { recursive: true });
    writeFileSync(join(upper, name), content);
  }
}

function isFolder(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
