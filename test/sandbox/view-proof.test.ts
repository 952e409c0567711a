import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createBubblewrapSandbox } from '../../server/src/sandbox/bubblewrap.ts';
import type { Sandbox, SandboxSpec } from '../../server/src/sandbox/sandbox.ts';
import { proveView } from '../../server/src/sandbox/self-test.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { type Bench, missing, openBench } from './setup.ts';

const can = requireOrSkip(missing);

describe('the self-test of the view', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-proof-'));
  let bench: Bench;
  let count = 0;
  const makeState = () => {
    const state = join(folder, `state-${++count}`);
    mkdirSync(state);
    return state;
  };
  /** The real sandbox with each spec changed, and a count of its runs. */
  const openSandbox = (change: (spec: SandboxSpec) => SandboxSpec = (spec) => spec, silent = false) => {
    const real = createBubblewrapSandbox({ helper: bench.helper });
    const ran: SandboxSpec[] = [];
    const sandbox: Sandbox = {
      run(spec, listener, signal) {
        ran.push(spec);
        return real.run(change(spec), silent ? { ...listener, event: () => {} } : listener, signal);
      },
    };
    return { sandbox, ran };
  };

  beforeAll(async () => {
    if (!missing) bench = await openBench();
  });
  afterAll(() => {
    bench?.remove();
    rmSync(folder, { recursive: true });
  });

  can('holds on this kernel, and is asked once for a helper and a state folder', async () => {
    const { sandbox, ran } = openSandbox();
    const state = makeState();
    const proof = { sandbox, helper: bench.helper, state };
    await Promise.all([proveView(proof), proveView(proof)]);
    await proveView(proof);
    expect(ran).toHaveLength(1);
    expect(readdirSync(state)).toEqual(['view-proof']);
    // Another helper needs another proof.
    const helper = join(folder, 'helper');
    writeFileSync(helper, 'changed');
    await expect(proveView({ sandbox, helper, state })).rejects.toThrow();
    expect(ran).toHaveLength(2);
    expect(readdirSync(state)).toEqual(['view-proof']);
  });

  const hideNothing = (spec: SandboxSpec) => ({
    ...spec,
    overlays: spec.overlays.map((overlay) => ({ ...overlay, hidden: [] })),
  });
  const hideOnly = (hidden: string[]) => (spec: SandboxSpec) => ({
    ...spec,
    overlays: spec.overlays.map((overlay) => ({ ...overlay, hidden })),
  });
  const writable = (spec: SandboxSpec) => {
    const source = mkdtempSync(join(folder, 'writable-'));
    chmodSync(source, 0o777);
    writeFileSync(join(source, 'visible'), '');
    return { ...spec, overlays: [], binds: [...spec.binds, { source, target: '/view', writable: true }] };
  };
  can('names what does not hold, and asks again the next time', async () => {
    for (const [change, reason, sentence] of [
      [hideNothing, 'no-overlay', 'a hidden file can still be seen'],
      [hideOnly(['hidden-file']), 'no-overlay', 'a hidden folder can still be seen'],
      [
        hideOnly(['hidden-file', 'hidden-folder', 'visible']),
        'no-overlay',
        'a file beside a hidden one is gone',
      ],
      [writable, 'no-overlay', 'the view can be written to'],
    ] as const) {
      const state = makeState();
      const failing = proveView({ sandbox: openSandbox(change).sandbox, helper: bench.helper, state });
      await expect(failing).rejects.toMatchObject({ reason, message: expect.stringContaining(sentence) });
      expect(readdirSync(state)).toEqual([]);
      await proveView({ sandbox: openSandbox().sandbox, helper: bench.helper, state });
    }
    const silent = proveView({
      sandbox: openSandbox(undefined, true).sandbox,
      helper: bench.helper,
      state: makeState(),
    });
    await expect(silent).rejects.toMatchObject({ reason: 'no-seccomp' });
  });
});
