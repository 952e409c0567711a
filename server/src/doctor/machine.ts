import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openChecker } from '../check/open-checker.ts';
import type { BashParser } from '../ebuild/bash-parser.ts';
import { removeTree } from '../files/remove-tree.ts';
import { findSandbox, makeHome } from '../host/find-world.ts';
import { PRODUCT_VERSION } from '../host/product-version.ts';
import { withSignal } from '../sandbox/bound-sandbox.ts';
import { proveView } from '../sandbox/self-test.ts';
import type { DoctorWorld, IndexFacts } from './world.ts';

const run = promisify(execFile);

/** In milliseconds, for one program. */
const PATIENCE = 10_000;

/** This machine, for the doctor. @param readParser called only if there is a file */
export function openMachine(
  settings: DoctorWorld['settings'],
  readParser: () => Promise<BashParser>,
  file?: string,
): DoctorWorld {
  const uid = process.geteuid?.() ?? 0;
  return {
    settings,
    file,
    uid,
    versions: { product: PRODUCT_VERSION, node: process.version, kernel: release() },
    readKernelFile(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    async firstLine(program, words) {
      const { stdout } = await run(program, words, { timeout: PATIENCE });
      return stdout.split('\n', 1)[0] ?? '';
    },
    makeHome: () => makeHome(uid),
    findHelper: async () => (await findSandbox(settings.bwrap)).helper,
    proveSandbox: (home) => prove(settings.bwrap, home),
    readIndex: async (root, ebuild) => readIndex(await readParser(), root, ebuild),
  };
}

/** Proves the sandbox anew: the proof that is kept says nothing of settings that have changed since. */
async function prove(bwrap: string, home: string): Promise<void> {
  const { sandbox, helper } = await findSandbox(bwrap);
  const state = mkdtempSync(join(home, 'doctor-'));
  try {
    const bound = withSignal(sandbox, AbortSignal.timeout(PATIENCE));
    await proveView({ sandbox: bound, helper, state });
  } finally {
    await removeTree(state);
  }
}

async function readIndex(parser: BashParser, root: string, file: string): Promise<IndexFacts> {
  const checker = openChecker(parser, root, { log: () => {} });
  try {
    await checker.ready(file);
    const knowledge = checker.knowledgeFor(file);
    return {
      packages: [...(knowledge?.packageNames() ?? [])].length,
      eclasses: [...(knowledge?.eclassNames() ?? [])].length,
      limits: checker.limits(file),
    };
  } finally {
    await checker.close();
  }
}
