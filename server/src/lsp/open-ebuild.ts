import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding, Verdict } from '../audit/finding.ts';
import { fixAll } from '../audit/fix-all.ts';
import { joinFindings, joinVerdict } from '../audit/join-findings.ts';
import { mergeFindings } from '../audit/merge-findings.ts';
import type { TrialRecord } from '../audit/record.ts';
import { rememberLast } from '../check/remember.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { LiveText } from '../ebuild/live-text.ts';
import type { Mend } from '../errors/limit.ts';
import type { ReadEbuild } from '../navigation/read-ebuild.ts';
import type { EvidencePlaces } from '../trial/evidence-places.ts';

/** The functions that derive facts, verdicts and findings of an ebuild. They are total. */
export interface Derivation {
  /** Opens a reader for the successive texts of one editor. */
  openText(): LiveText;
  /** Judges a record against an ebuild and leaves out ignored findings. */
  judge(record: TrialRecord, facts: EbuildFacts, uri: string): Verdict;
  /** The findings that need no trial. */
  check(uri: string, facts: EbuildFacts): readonly Finding[];
}

/** A record, and the change since its trial. */
export interface KnownTrial {
  readonly record: TrialRecord | undefined;
  /** The input of the trial, other than the text, that has changed since, e.g. `an eclass`. */
  readonly change: string | undefined;
  /** Where a reader sees the evidence of the record; absent while the trial runs. */
  readonly places?: EvidencePlaces;
}

/** The trials of one ebuild that run or wait. */
export interface RunningTrials {
  count: number;
  /** Whether the newest trial waits for another one. */
  isWaiting: boolean;
  /** The progress of the newest trial. */
  activity: string;
  /** The reason why the newest trial could not run. The next trial clears it. */
  problem: TrialProblem | undefined;
}

/** `not-tried`: something outside the ebuild is to blame, and `mend` says where it is mended. */
export interface TrialProblem {
  readonly state: 'failed' | 'not-tried';
  /** One sentence. */
  readonly message: string;
  readonly mend: Mend | undefined;
}

/**
 * One ebuild of the language server. Facts, verdict and findings are derived once for each version of the text, the record and the
 * knowledge.
 */
export interface OpenEbuild {
  readonly uri: string;
  /** The text that the client shows: that of the editor while the ebuild is open, else the saved one of an ebuild with a trial. */
  readonly document: TextDocument | undefined;
  /** Whether the client has the ebuild open. */
  readonly isOpen: boolean;
  /** The newest trial. If it is running, the record has its results so far. */
  readonly trial: KnownTrial;
  readonly trials: RunningTrials;
  /** Sets the document that the client has opened or changed. */
  setDocument(document: TextDocument): void;
  /** Handles that the client closed the document. */
  close(): void;
  /** Sets the saved text of a closed ebuild. */
  setSaved(document: TextDocument): void;
  setTrial(trial: KnownTrial): void;
  /** Sets the record of the trial before, whose findings stay until the running trial has its own; undefined when that has ended. */
  setEarlier(record: TrialRecord | undefined): void;
  /** Handles a change of an input of findings other than text and record: repositories, installed packages, ignore rules, pkgcheck. */
  knowledgeChanged(): void;
  /** The facts of the document; of the text that was built if there is none. */
  facts(): EbuildFacts;
  /** Undefined while there is no record. Findings about one package are joined, as in {@link OpenEbuild.findings}. */
  verdict(): Verdict | undefined;
  /** What the client shows: one finding for a package that both DEPEND and RDEPEND lack. */
  findings(): readonly Finding[];
  /** The findings of the trial before that the running trial has not found (yet). */
  earlierFindings(): readonly Finding[];
  /** The text with every safe fix applied. */
  fixedText(): string;
  /** Gives the facts and the syntax tree of the document to a function that keeps neither; undefined if the document has no tree. */
  navigate<Result>(use: (ebuild: ReadEbuild) => Result): Result | undefined;
}

/** What the findings of an ebuild are derived from. */
interface EbuildState {
  readonly text: string;
  readonly record: TrialRecord | undefined;
  /** Of the trial before, while a trial runs. */
  readonly earlier: TrialRecord | undefined;
  /** A new object marks a change of the knowledge. */
  readonly knowledge: object;
  /** Whether other texts will follow. */
  readonly isOpen: boolean;
}

/** Derives what is known of an ebuild, each once for what it is derived from. */
function createFindings(uri: string, derive: Derivation, live: LiveText, state: () => EbuildState) {
  const facts = rememberLast(
    () => [state().text],
    ([text]) => {
      const read = live.read(text);
      if (!state().isOpen) live.close();
      return read;
    },
  );
  const judge = (record: TrialRecord | undefined, read: EbuildFacts): Verdict | undefined =>
    record && derive.judge(record, read, uri);
  const findIn = (read: EbuildFacts, judged: Verdict | undefined): readonly Finding[] =>
    mergeFindings(derive.check(uri, read), judged?.findings ?? []);
  const judged = rememberLast(
    () => [state().record, facts(), state().knowledge],
    ([record, read]) => judge(record, read),
  );
  const judgedEarlier = rememberLast(
    () => [state().earlier, facts(), state().knowledge],
    ([record, read]) => judge(record, read),
  );
  const separate = rememberLast(
    () => [facts(), judged(), state().knowledge],
    ([read, found]) => findIn(read, found),
  );
  const findings = rememberLast(
    () => [separate()],
    ([found]) => joinFindings(found),
  );
  const verdict = rememberLast(
    () => [judged()],
    ([found]) => found && joinVerdict(found),
  );
  return {
    facts,
    verdict,
    findings,
    earlierFindings() {
      const found = new Set(findings().map(identify));
      return joinFindings(judgedEarlier()?.findings ?? []).filter((finding) => !found.has(identify(finding)));
    },
    fixedText() {
      const { text } = facts();
      const hypothetical = derive.openText();
      try {
        return fixAll(text, (changed) => {
          if (changed === text) return { findings: separate() };
          const read = hypothetical.read(changed);
          return { findings: findIn(read, judge(state().record, read)) };
        });
      } finally {
        hypothetical.close();
      }
    },
  };
}

export function createOpenEbuild(uri: string, derive: Derivation): OpenEbuild {
  let document: TextDocument | undefined;
  let isOpen = false;
  let earlier: TrialRecord | undefined;
  let trial: KnownTrial = { record: undefined, change: undefined };
  let knowledge = {};
  const live = derive.openText();
  const known = createFindings(uri, derive, live, () => {
    const text = document?.getText() ?? trial.record?.text ?? '';
    return { text, record: trial.record, earlier, knowledge, isOpen };
  });

  return {
    uri,
    get document() {
      return document;
    },
    get trial() {
      return trial;
    },
    trials: { count: 0, isWaiting: false, activity: '', problem: undefined },
    get isOpen() {
      return isOpen;
    },
    setDocument(opened) {
      // Some clients do not report changed files, so no result is reused from the last time the document was open.
      if (!isOpen) knowledge = {};
      isOpen = true;
      document = opened;
    },
    close() {
      isOpen = false;
      document = undefined;
      live.close();
    },
    setSaved(saved) {
      document = saved;
    },
    setTrial(newest) {
      trial = newest;
    },
    setEarlier(record) {
      earlier = record;
    },
    knowledgeChanged() {
      knowledge = {};
    },
    ...known,
    navigate(use) {
      const read = known.facts();
      return live.withTree(read.text, (tree) => use({ facts: read, tree }));
    },
  };
}

/** Findings of two trials are the same if they say the same about the same packages. */
function identify({ code, about }: Finding): string {
  return [code, ...about].join(' ');
}
