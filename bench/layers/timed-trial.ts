import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBashParser } from '../../server/src/ebuild/bash-parser.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { locateForTrial } from '../../server/src/evaluation/work-folder.ts';
import { findTrialWorld } from '../../server/src/host/find-world.ts';
import { readRootState } from '../../server/src/host/root-state.ts';
import type { Sandbox } from '../../server/src/sandbox/sandbox.ts';
import { runTrial } from '../../server/src/trial/run-trial.ts';

/** A trial to run in a process of its own. */
export interface TimedTrial {
  readonly root: string;
  readonly packageFolder: string;
  readonly ebuild: string;
}

/** In milliseconds. */
export interface TrialTimes {
  /** Of the whole process. */
  readonly whole: number;
  /** Of Portage choosing packages, opening them, and running their scripts, in the sandbox. */
  readonly choosing: number;
  readonly opening: number;
  readonly scripts: number;
}

/** A word of each script of Portage that layers need. */
const KINDS = { choosing: 'backtrack_depgraph', opening: 'unpack_metadata', scripts: 'env_update(' } as const;

/** Runs a quick trial of which no record is kept, and times it. Throws an Error if the ebuild is not built. */
export async function timeTrial({ root: path, packageFolder, ebuild }: TimedTrial): Promise<TrialTimes> {
  const times = { choosing: 0, opening: 0, scripts: 0 };
  const found = await findTrialWorld({
    root: path,
    packageManager: 'portage',
    buildJobs: 0,
    bwrap: '',
    packageFolders: [packageFolder],
  });
  const parser = await createBashParser(
    readFileSync('node_modules/web-tree-sitter/web-tree-sitter.wasm'),
    readFileSync('grammars/tree-sitter-bash.wasm'),
  );
  const sandbox: Sandbox = {
    ...found.sandbox,
    async run(spec, ...more) {
      const began = performance.now();
      try {
        return await found.sandbox.run(spec, ...more);
      } finally {
        for (const [kind, word] of Object.entries(KINDS))
          if (spec.command.some((text) => text.includes(word)))
            times[kind as keyof typeof KINDS] += performance.now() - began;
      }
    },
  };
  await found.proveView();
  const world = { ...found, sandbox, readFacts: (text: string) => parseEbuild(text, parser) };
  const { record } = await runTrial({
    world,
    root: await readRootState(world.rootPath, join(world.home, 'index')),
    location: locateForTrial(ebuild, world.buildsAsOther),
    text: readFileSync(ebuild, 'utf8'),
    fresh: true,
    quick: true,
    use: [],
    signal: undefined,
    listener: { progress: () => {}, record: () => {} },
  });
  if (record.outcome !== 'passed')
    throw new Error(`The trial of ${ebuild} ${record.outcome}, see ${record.log}.`);
  return { whole: performance.now(), ...times };
}
