import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { TrialRecord } from '../../audit/record.ts';
import { isForUser } from '../../errors/user-error.ts';
import { locateForTrial } from '../../evaluation/work-folder.ts';
import { findTrialWorld } from '../../host/find-world.ts';
import { NOTHING_NAMED } from '../../host/named-paths.ts';
import { type RootState, readRootState } from '../../host/root-state.ts';
import { readStackedState, type Stack } from '../../host/stacked-root.ts';
import type { TrialWorld } from '../../host/world.ts';
import { packageId } from '../../pms/package-id.ts';
import { readEbuild } from '../../repository/ebuild-text.ts';
import { AbsentPackages } from '../../trial/builder/build-view.ts';
import { runHere } from '../../trial/trial-place.ts';
import { LASTING, PASSING, type TrialAnswer, type TrialOrder } from '../order.ts';

/**
 * Runs the trial of an order on this machine, which is a worker, and writes the answer.
 *
 * @param places of the order and of the answer
 * @returns the exit status
 */
export async function runOrder(
  places: { readonly order: string; readonly answer: string },
  readFacts: TrialWorld['readFacts'],
): Promise<number> {
  const order = JSON.parse(readFileSync(places.order, 'utf8')) as TrialOrder;
  const answer = await answerOrder(order, readFacts);
  mkdirSync(dirname(places.answer), { recursive: true });
  writeFileSync(places.answer, gzipSync(JSON.stringify(answer)));
  return answer.kind === 'refused' || (answer.kind === 'done' && !answer.lasting) ? PASSING : LASTING;
}

async function answerOrder(order: TrialOrder, readFacts: TrialWorld['readFacts']): Promise<TrialAnswer> {
  // The server tells nothing of a trial before its end, so of its progress only the record counts.
  let record: TrialRecord | undefined;
  try {
    const { proveView, ...found } = await findTrialWorld(order.settings);
    const location = locateForTrial(order.file, found.buildsAsOther);
    await proveView();
    const base = await readRootState(found.rootPath, join(found.home, 'index'));
    const layering = order.layering && {
      ...order.layering,
      root: await stackOn(base, order.layering.stack, order.absent),
      release() {},
    };
    const done = await runHere({
      world: { ...found, readFacts },
      root: { ...base, absent: new Set(order.absent) },
      location,
      text: await readEbuild(order.file),
      extent: order.extent,
      // What it named, the machine that asks knows.
      prepared: { evaluation: { metadata: order.metadata, named: NOTHING_NAMED }, layering },
      fresh: false,
      listener: {
        progress() {},
        record: (now) => {
          record = now;
        },
      },
      signal: undefined,
    });
    const { metadata, lasting, named } = done;
    return { kind: 'done', record: done.record, metadata, lasting, named, logs: readLogs(done.record) };
  } catch (error) {
    if (error instanceof AbsentPackages) return { kind: 'lacking', packages: listWanted(error, record) };
    if (isForUser(error)) {
      const reach = error.reach === 'same' ? 'same' : 'passing';
      return { kind: 'refused', sentence: error.message, reach };
    }
    throw error;
  }
}

async function stackOn(base: RootState, stack: Stack, absent: readonly string[]): Promise<RootState> {
  mkdirSync(stack.cacheFolder, { recursive: true });
  return { ...(await readStackedState(base, stack)), absent: new Set(absent) };
}

/** The packages that the trial wants to show now, and those that it will want to show later. */
function listWanted({ ids }: AbsentPackages, record: TrialRecord | undefined): readonly string[] {
  const seen = [...(record?.needs ?? []), ...(record?.probes ?? [])];
  return [...new Set([...ids, ...seen.map((found) => packageId(found.package))])];
}

function readLogs(record: TrialRecord): Record<string, string> {
  const paths = [record, ...record.variants].map(({ log }) => log).filter((path) => existsSync(path));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}
