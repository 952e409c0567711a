import type { Finding } from '../../audit/finding.ts';
import type { TrialRecord } from '../../audit/record.ts';
import { lineOf } from '../../ebuild/line-scan.ts';
import { nameInAtom } from '../../pms/package-name.ts';
import { lacksBuildDependency } from '../../trial/start-record.ts';

/**
 * `not-tried`: what a trial leaves out unless it is asked for, and the USE states that could not be built because packages are not installed.
 * Each is a note in the form of a finding, so that ignore rules apply to it; its message is a phrase.
 */
export function findNotTried(record: TrialRecord): Finding[] {
  const leftOut = listLeftOut(record).map((phrase): Untried => ({ phrase, about: [] }));
  return [...leftOut, ...listMissing(record)].map(({ phrase, about }) => ({
    code: 'not-tried',
    severity: 'information',
    message: phrase,
    range: lineOf(record.text, 0),
    evidence: [],
    about,
  }));
}

interface Untried {
  readonly phrase: string;
  readonly about: Finding['about'];
}

function listLeftOut({ iuse, variants, untested }: TrialRecord): string[] {
  const isTested = variants.some((state) => state.untested === undefined && state.use.includes('test'));
  const tests = { 'left-out': 'src_test (--tests runs it)', restricted: 'src_test (RESTRICT forbids it)' };
  return [
    ...(variants.length === 0 && iuse.some((flag) => flag !== 'test')
      ? ['other USE states (--use-matrix tries them)']
      : []),
    ...(untested === undefined || isTested ? [] : [tests[untested]]),
  ];
}

/** The USE states that were asked for and could not be built, with the atoms that nothing installed satisfies. */
function listMissing(record: TrialRecord): Untried[] {
  return record.variants.filter(lacksBuildDependency).map((state) => {
    const atoms = [...new Set(state.notInstalled.map(({ atom }) => atom))];
    const flags = state.iuse.filter((flag) => state.use.includes(flag) !== record.use.includes(flag));
    const setting = flags.map((flag) => (state.use.includes(flag) ? flag : `-${flag}`)).join(' ');
    return {
      phrase: `USE="${setting}" (not installed: ${atoms.join(' ')})`,
      about: atoms.flatMap((atom) => nameInAtom(atom) ?? []),
    };
  });
}
