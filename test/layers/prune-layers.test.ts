/** Layers that are removed, and those that stay. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Layer, type LayerStore, openLayerStore } from '../../server/src/layers/layer-store.ts';
import { pruneLayers } from '../../server/src/layers/prune-layers.ts';
import { findStack, keepStack } from '../../server/src/layers/stack-store.ts';

let home: string;
let store: LayerStore;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-prune-'));
  store = await openLayerStore(home);
});
afterEach(() => rmSync(home, { recursive: true }));

/** A layer that has one file of its own and one that all have; it was used `age` days ago. */
function makeLayer(name: string, age: number): Layer {
  const made = store.makeWork('made');
  mkdirSync(join(store.content, 'aa'), { recursive: true });
  for (const content of [name, 'shared']) {
    const kept = join(store.content, 'aa', content);
    if (!existsSync(kept)) writeFileSync(kept, 'x'.repeat(1000));
    linkSync(kept, join(made, content));
  }
  const digest = name.repeat(40).slice(0, 40);
  const layer = store.keep(digest, { id: `dev-test/${name}-1`, leftOut: [], tree: '' }, made);
  const then = new Date(Date.now() - age * 86_400_000);
  utimesSync(join(home, 'layers/packages', digest, 'facts.json'), then, then);
  return layer;
}

const layers = () => readdirSync(join(home, 'layers/packages')).map((name) => name[0]);
const contents = () => readdirSync(join(home, 'layers/content/aa')).sort();

test('the least recently used layers go until the contents of the rest are within the limit', () => {
  for (const [name, age] of [
    ['a', 3],
    ['b', 1],
    ['c', 2],
  ] as const)
    makeLayer(name, age);
  expect(pruneLayers(home, 4000)).toEqual({ layers: 0, bytes: 0 });
  expect(pruneLayers(home, 2500)).toEqual({ layers: 2, bytes: 2000 });
  expect(layers()).toEqual(['b']);
  expect(contents()).toEqual(['b', 'shared']);
  expect(readdirSync(join(home, 'layers/work'))).toEqual([]);
});

test('a layer of a stack that is used stays, and goes with its stack when it is released', () => {
  const parts = { layers: [makeLayer('a', 3)], removed: [], base: '' };
  makeLayer('b', 2);
  keepStack(store, parts, { effects: store.makeWork('effects'), index: store.makeWork('index'), notes: [] });
  const stack = findStack(store, parts);
  expect(pruneLayers(home, 0).layers).toBe(1);
  expect(layers()).toEqual(['a']);
  stack?.release();
  expect(pruneLayers(home, 0)).toEqual({ layers: 1, bytes: 2000 });
  expect(readdirSync(join(home, 'layers/stacks'))).toEqual([]);
  expect(findStack(store, parts)).toBeUndefined();
});

test('a layer that was found just now stays, unless everything is to go', () => {
  makeLayer('a', 0);
  expect(pruneLayers(home, 1).layers).toBe(0);
  expect(pruneLayers(home, 0).layers).toBe(1);
});

test('a state folder without layers is no error', () => {
  expect(pruneLayers(join(home, 'absent'), 0)).toEqual({ layers: 0, bytes: 0 });
});
