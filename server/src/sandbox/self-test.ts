import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, SandboxError } from './sandbox.ts';

export interface ViewProof {
  readonly sandbox: Sandbox;
  /** The compiled helper of that sandbox, see `findHelper`. */
  readonly helper: string;
  /** An existing folder of this user that outlives the process. The proof is stored there. */
  readonly state: string;
}

const MEMORY = 'view-proof';
/** Possible folders of the C library, for a helper that is not static. */
const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64'];

/**
 * The path of the helper in the sandbox of the proof. The user of the command may not be allowed to enter the helper's folder on this
 * machine.
 */
const PROGRAM = '/proof';

/** The meanings of the exit codes of server/native/inner/prove.c. */
const PROOF = [
  undefined,
  'a hidden file can still be seen',
  'a hidden folder can still be seen',
  'a file beside a hidden one is gone',
  'the view can be written to',
] as const;

const proven = new Map<string, Promise<void>>();

/**
 * Proves on this kernel that hidden files are missing, that files beside them are visible, that nothing can be written, and that the trace
 * reports look-ups. The proof runs once for each kernel and helper on this machine.
 *
 * @throws {SandboxError} with a sentence that names the failed part, or says why the sandbox could not be made
 */
export function proveView(proof: ViewProof): Promise<void> {
  const key = describeMachine(proof);
  const known = proven.get(key);
  if (known !== undefined) return known;
  const proving = prove(proof, key);
  proven.set(key, proving);
  proving.catch(() => proven.delete(key));
  return proving;
}

/** The conditions of a proof: another kernel, helper or user needs a proof of its own. */
function describeMachine({ helper, state }: ViewProof): string {
  const { size, mtimeMs } = statSync(helper);
  return `${JSON.stringify([release(), helper, size, mtimeMs, process.geteuid?.() ?? 0, state])}\n`;
}

async function prove(proof: ViewProof, key: string): Promise<void> {
  const memory = join(proof.state, MEMORY);
  if (readOrNothing(memory) === key) return;
  const failed = await findFailure(proof);
  if (failed !== undefined) {
    throw new SandboxError(
      failed.reason,
      `The sandbox does not do on Linux ${release()} what it must, ${failed.what}: use another kernel, and please report this one.`,
    );
  }
  try {
    writeFileSync(memory, key);
  } catch {
    // If the proof cannot be stored, the next process repeats it.
  }
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

interface Failure {
  readonly reason: SandboxError['reason'];
  readonly what: string;
}

/**
 * Runs a program in a small view of its own.
 *
 * @returns the first part that failed, if any
 */
async function findFailure({ sandbox, helper, state }: ViewProof): Promise<Failure | undefined> {
  const folder = mkdtempSync(join(state, 'proof-'));
  try {
    const source = join(folder, 'source');
    const staging = join(folder, 'staging');
    mkdirSync(join(source, 'hidden-folder'), { recursive: true });
    mkdirSync(staging);
    for (const name of ['hidden-file', 'visible', 'hidden-folder/file'])
      writeFileSync(join(source, name), '');
    let isDenialSeen = false;
    let output = '';
    const { status } = await sandbox.run(
      {
        overlays: [{ source, target: '/view', hidden: ['hidden-file', 'hidden-folder'] }],
        binds: [
          ...LIBRARIES.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory()).map(
            (path) => ({ source: path, target: path, writable: false }),
          ),
          { source: helper, target: PROGRAM, writable: false },
        ],
        links: [],
        scratch: [],
        staging,
        environment: {},
        workingDirectory: '/',
        command: [PROGRAM, 'prove', '/view'],
        trace: true,
      },
      {
        event(event) {
          if ('path' in event && event.path === '/view/hidden-file') isDenialSeen = true;
        },
        output(chunk) {
          output += Buffer.from(chunk).toString('utf8');
        },
      },
    );
    const what = PROOF[status];
    if (what !== undefined) return { reason: 'no-overlay', what };
    if (status !== 0)
      return { reason: 'failed', what: `the self-test ended with ${status} ${output}`.trimEnd() };
    return isDenialSeen
      ? undefined
      : { reason: 'no-seccomp', what: 'the trace is silent about a hidden file that was looked for' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
