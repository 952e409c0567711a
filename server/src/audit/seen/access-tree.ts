import { showName } from '../../errors/visible-text.ts';
import { packageId } from '../../pms/package-id.ts';
import { phaseFunction } from '../../trace/phase-function.ts';
import type { UseKind } from '../../trace/use-kind.ts';
import { describeEvidence } from '../evidence-sentence.ts';
import type { SeenDependency } from './dependency-list.ts';
import type { SeenAccess } from './seen-packages.ts';

/** A package that satisfies a dependency, and the way from it to each access: phase, program, file. Every character of the names can be seen. */
export interface SeenOwner {
  /** `category/name-version`. */
  readonly package: string;
  readonly phases: readonly SeenPhase[];
}

interface SeenPhase {
  /** As PMS 9.1 has it: `src_compile`. */
  readonly phase: string;
  readonly programs: readonly SeenProgram[];
}

interface SeenProgram {
  /** The path of the program; that of an installed file that links or names another one. */
  readonly program: string;
  readonly files: readonly SeenFile[];
}

interface SeenFile {
  /** As the trace has it. */
  readonly path: string;
  /** The path for a reader. */
  readonly name: string;
  /** The whole access as a clause. */
  readonly sentence: string;
  readonly denied: boolean;
  readonly count: number;
  readonly kind?: UseKind;
}

/** Orders the accesses of a dependency by owner, phase and program, each in the order in which the record has it. */
export function orderAccesses({ packages }: SeenDependency): readonly SeenOwner[] {
  return packages.map(({ package: own, accesses }) => ({
    package: showName(packageId(own)),
    phases: group(accesses, ({ access }) => phaseFunction(access.phase)).map(([phase, inPhase]) => ({
      phase: showName(phase),
      programs: group(inPhase, ({ access }) => access.program).map(([program, byProgram]) => ({
        program: showName(program),
        files: byProgram.map(toFile),
      })),
    })),
  }));
}

/** The number of accesses that the record has of a dependency. */
export function countAccesses({ packages }: SeenDependency): number {
  return packages.flatMap(({ accesses }) => accesses).reduce((sum, { access }) => sum + access.count, 0);
}

function group(
  accesses: readonly SeenAccess[],
  keyOf: (seen: SeenAccess) => string,
): [string, readonly SeenAccess[]][] {
  const groups = new Map<string, SeenAccess[]>();
  for (const seen of accesses) {
    const key = keyOf(seen);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [seen]);
    else known.push(seen);
  }
  return [...groups];
}

function toFile({ access, kind }: SeenAccess): SeenFile {
  return {
    path: access.path,
    name: showName(access.path),
    sentence: describeEvidence(access),
    denied: access.result === 'denied',
    count: access.count,
    ...(kind !== undefined && { kind }),
  };
}
