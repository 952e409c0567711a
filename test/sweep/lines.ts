/** Lines of journals for tests. */
import type { FoundFinding, TriedLine, UntriedLine } from '../../server/src/sweep/journal.ts';

const COMMON = {
  file: 'a/b/b-1.ebuild',
  repository: 'tiny',
  package: 'a/b-1',
  duration: 1000,
  time: '2026-01-01T00:00:00.000Z',
  maintainers: ['larry@example.org'],
  eclasses: ['cmake'],
};

export const triedLine = (change: Partial<TriedLine> = {}): TriedLine => ({
  ...COMMON,
  outcome: 'passed',
  failure: null,
  judged: true,
  findings: [],
  identities: [],
  silenced: 0,
  log: '',
  storedAt: null,
  ...change,
});

export const untriedLine = (change: Partial<UntriedLine> = {}): UntriedLine => ({
  ...COMMON,
  problem: 'The distfile is missing.',
  passing: false,
  attempts: 1,
  ...change,
});

/** A line with an error of each identity. */
export const faultyLine = (file: string, identities: readonly string[]): TriedLine =>
  triedLine({
    file,
    identities,
    findings: identities.map(
      (identity): FoundFinding => ({ code: 'missing-depend', severity: 'error', message: identity }),
    ),
  });
