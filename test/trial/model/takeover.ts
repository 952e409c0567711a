/**
 * Random edits, merges and changes of files, each followed by a trial that may take over earlier answers and by one that takes over nothing.
 * Both must say the same.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrialRecord } from '../../../server/src/audit/record.ts';
import { judgeSilenced } from '../../../server/src/audit/silencing/judge-silenced.ts';
import { parseEbuild } from '../../../server/src/ebuild/facts.ts';
import { DEFAULT_STORAGE } from '../../../server/src/host/find-world.ts';
import { createRunnerIn } from '../../../server/src/trial/trial-runner.ts';
import { bash } from '../../ebuild/bash.ts';
import {
  ALWAYS,
  ECLASS,
  type ModelRoot,
  makeModelRoot,
  PACKAGES,
  READING_ECLASS,
  STRANGERS,
} from './model-root.ts';
import { createModelWorld } from './model-world.ts';

/** Lines outside functions, in the order in which an ebuild has those that it has. */
const GLOBAL = [
  'inherit tool\n',
  'DESCRIPTION="A thing"\n',
  'KEYWORDS="~amd64"\n',
  'helper() { src_compile; }\n',
  '# a comment\n',
  '\n',
  'MY_DEPEND="dev-libs/b"\n',
  'DEPEND="dev-libs/a"\n',
  'DEPEND="dev-libs/b\n\n\tdev-libs/a"\n',
  'DEPEND+=" ${MY_DEPEND}"\n',
  '# audit: ignore automagic dev-libs/b – on purpose\n',
  'DEPEND+="$([[ -d ../build ]] && mkdir -p inc && echo x > inc/planted)"\n',
  'DEPEND+=" $(gen dev-libs/b)"\n',
  'DEPEND+="$(look /usr/bin/u && echo " dev-util/u")"\n',
  'RDEPEND="${DEPEND}"\n',
  'RDEPEND+=" ${MARK:=dev-libs/b}"\n',
  'BDEPEND="dev-util/t"\n',
  'BDEPEND="dev-util/t" # audit: ignore unused dev-util/t – for later\n',
  'if [[ ${EBUILD_PHASE} == depend ]]; then\n\tBDEPEND+=" dev-util/u"\nfi\n',
  '[[ -e inc/planted ]] && MARK=planted\n',
  'look /usr/bin/absent && MARK=absent\n',
] as const;

/** Statements of phases. */
const STATEMENTS = [
  'need /usr/include/a.h',
  'need /usr/include/below.h',
  'look /usr/include/b.h && note "with b"',
  'look /usr/include/local.h && note "with local"',
  'note "t $(tool t)"',
  'look /usr/bin/u || note "no u"',
  'look /usr/bin/absent && note "with absent"',
  'note "dep ${DEPEND}"',
  'note "$(eval echo \\$RDEPEND)"',
  'local v=BDEPEND; note "${!v}"',
  'local v=DEP; v+=END; note "${!v}"',
  'local -n r=DEP$(echo END); note "${r}"',
  'note "all $(compgen -v | grep -c DEPEND)"',
  'note "$(cat <<-E\n# audit: ignore unused – 1\nE\n)"',
  'note "$(cat <<-E\n# audit: ignore unused – 2\nE\n)"',
  'note "\n# audit: ignore unused – 3\n"',
  '# audit: ignore unused dev-libs/a – x',
  'note "cfg $(show /usr/local/share/cfg)"',
  'note "local $(list /usr/local/share)"',
  'note "include $(list /usr/include)"',
  'note "linked $(list /usr/lib/headers)"',
  'note "share $(list /usr/share)"',
  'note "records $(list /var/db/pkg/dev-libs)"',
  'note "tools $(list /var/db/pkg/dev-util)"',
  'note "version $(show /var/db/pkg/dev-libs/b-2/SLOT)"',
  'look /usr/include/b2.h && note "with the second b"',
  'note "data $(show /usr/share/u/data)"',
  'note "files $(< "${FILESDIR}/f")"',
  'note "xml $(< "${FILESDIR}/../metadata.xml")"',
  'note "hidden $(< "${FILESDIR}/../.hidden")"',
  'note "shared $(of_repository shared/x)"',
  'note "line ${LINENO}"',
  'note "ebuild $(grep -c DEPEND "${FILESDIR}"/../*.ebuild)"',
  '[[ -e inc/planted ]] && note planted',
  'note "mark ${MARK}"',
  'note "what ${DESCRIPTION}"',
  'note "functions $(declare -f | grep -c note)"',
  'note "install $(declare -f src_install | grep -c note)"',
  'note "in ${FUNCNAME[0]}"',
  '[[ ${MADE} ]] && note "made ${MADE}"; MADE+=x',
  'tool_note',
  'tool_read',
] as const;
/** These keep the dependencies in the text that is built. If most texts had one, nothing of other texts would be taken over. */
const RARE = /eval|\$\{!|-n r|compgen|LINENO|\.ebuild|note "dep|declare -f/;
const PHASES = ['prepare', 'configure', 'compile', 'install'] as const;

/** The lines of an ebuild: indices of `GLOBAL`, and for each phase of `STATEMENTS`. */
interface Draft {
  readonly global: readonly number[];
  readonly phases: Readonly<Record<(typeof PHASES)[number], readonly number[]>>;
}

function write({ global, phases }: Draft): string {
  const functions = PHASES.map((phase) => {
    const lines = phases[phase].map((index) => `\t${STATEMENTS[index]}\n`).join('');
    return lines === '' ? '' : `\nsrc_${phase}() {\n${lines}\t:\n}\n`;
  });
  return `EAPI=8\nSLOT=0\n${global.map((index) => GLOBAL[index]).join('')}${functions.join('')}`;
}

/** A source of numbers from 0 to below 1 (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const isRare = (line: string | undefined) => line !== undefined && RARE.test(line);

/** Adds a number to a sorted list, or removes it. */
const toggle = (list: readonly number[], value: number) =>
  list.includes(value)
    ? list.filter((known) => known !== value)
    : [...list, value].sort((left, right) => left - right);

/** A case, and what became of it. */
export interface Takeover {
  readonly action: string;
  readonly text: string;
  readonly taken: Said;
  readonly fresh: Said;
}

/** What a trial says. */
interface Said {
  readonly says: string;
  readonly isRecalled: boolean;
  readonly reused: number;
}

/**
 * Runs cases in one root, repository and state folder.
 *
 * @param seed decides everything
 * @param onCase called after each
 */
export async function runTakeovers(
  seed: number,
  count: number,
  onCase: (done: Takeover) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-takeover-'));
  try {
    const random = createRandom(seed);
    const model = makeModelRoot(folder);
    // A trial that compares makes a dozen builds.
    const quick = random() < 0.85;
    const some = (of: readonly string[], share: number) =>
      [...of.keys()].filter((index) => random() < (isRare(of[index]) ? share / 20 : share));
    const phases = Object.fromEntries(PHASES.map((phase) => [phase, some(STATEMENTS, 0.07)]));
    let draft: Draft = { global: some(GLOBAL, 0.25), phases: phases as unknown as Draft['phases'] };
    const earlier: Draft[] = [draft];
    for (const cpv of Object.keys(PACKAGES)) if (!STRANGERS.includes(cpv)) model.merge(cpv);
    const home = join(folder, 'home');
    for (let index = 0; index < count; index += 1) {
      let action = 'again';
      const kind = random();
      if (kind < 0.45) {
        draft = edit(draft, random);
        earlier.push(draft);
        action = 'an edit';
      } else if (kind < 0.65) {
        draft = earlier[Math.floor(random() * earlier.length)] ?? draft;
        action = 'an earlier text';
      } else if (kind < 0.95) {
        action = change(model, random);
        // Otherwise a record answers after most merges, and no snapshot is put to the test.
        if (random() < 0.6) rmSync(join(home, 'records'), { recursive: true, force: true });
      }
      const text = write(draft);
      model.writeRepository('app-misc/foo/foo-1.ebuild', text);
      // Files must be older than a trial by a clock tick of the kernel, or it is not kept.
      await sleep(12);
      const taken = await say(model, home, text, { quick, fresh: false });
      const freshHome = mkdtempSync(join(folder, 'fresh-'));
      const fresh = await say(model, freshHome, text, { quick, fresh: true });
      rmSync(freshHome, { recursive: true });
      onCase({ action, text, taken, fresh });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function edit(draft: Draft, random: () => number): Draft {
  const pick = (length: number) => Math.floor(random() * length);
  if (random() < 0.7) return { ...draft, global: toggle(draft.global, pick(GLOBAL.length)) };
  const phase = PHASES[pick(PHASES.length)] ?? 'compile';
  const now = draft.phases[phase];
  let statement = pick(STATEMENTS.length);
  while (isRare(STATEMENTS[statement]) && !now.includes(statement) && random() < 0.8)
    statement = pick(STATEMENTS.length);
  return { ...draft, phases: { ...draft.phases, [phase]: toggle(now, statement) } };
}

/** Changes a root or a repository. @returns what was done */
function change(model: ModelRoot, random: () => number): string {
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value;
  if (random() < 0.7) {
    const all = Object.keys(PACKAGES).filter((known) => !ALWAYS.includes(known));
    const names = random() < 0.4 ? STRANGERS : all;
    const lacking = names.filter((known) => !STRANGERS.includes(known) && !model.isMerged(known));
    // Most trials without a declared package end before they build anything.
    const cpv = pick(lacking.length > 0 && random() < 0.8 ? lacking : names);
    if (model.isMerged(cpv) && random() < (STRANGERS.includes(cpv) ? 0.5 : 0.15)) {
      model.unmerge(cpv);
      return `${cpv} unmerged`;
    }
    model.merge(cpv);
    return `${cpv} merged`;
  }
  const content = random() < 0.3 ? undefined : `content ${Math.floor(random() * 1000)}\n`;
  if (random() < 0.5) {
    const path = pick([
      'usr/local/share/cfg',
      'usr/local/share/other',
      'usr/bin/absent',
      'usr/include/local.h',
    ]);
    model.write(path, content);
    return `${path} written`;
  }
  const path = pick([
    'shared/x',
    'app-misc/foo/files/f',
    'app-misc/foo/metadata.xml',
    'app-misc/foo/.hidden',
    'eclass/tool.eclass',
  ]);
  model.writeRepository(path, path.endsWith('.eclass') ? pick([ECLASS, READING_ECLASS]) : content);
  return `${path} written`;
}

/** Runs a trial and describes what a user sees. */
async function say(
  model: ModelRoot,
  home: string,
  text: string,
  how: { readonly quick: boolean; readonly fresh: boolean },
): Promise<Said> {
  mkdirSync(home, { recursive: true });
  const world = createModelWorld(model.root, home);
  const places = {
    findWorld: async () => ({ ...world, proveView: async () => {} }),
    findBuilder: async () => world,
  };
  const runner = createRunnerIn(places, DEFAULT_STORAGE, () => {});
  try {
    const record = await runner.run({ file: model.ebuild, text, ...how }, { progress() {}, record() {} });
    const log = existsSync(record.log) ? readFileSync(record.log, 'utf8') : '';
    return {
      says: describe(record, text),
      isRecalled: record.storedAt !== undefined,
      reused: log.match(/^=== trial build: .* reused from a snapshot$/gm)?.length ?? 0,
    };
  } catch (error) {
    return { says: (error as Error).message, isRecalled: false, reused: 0 };
  }
}

/** Everything that was found out, and what a user reads of it. */
function describe(record: TrialRecord, text: string): string {
  const { findings, silenced, state } = judgeSilenced(record, parseEbuild(text, bash), []);
  const { outcome, failure, needs, probes, uses, removals, incidents, notInstalled } = record;
  const shown = findings.map(({ code, message, range, fix }) =>
    JSON.stringify([code, message, range, fix?.edits]),
  );
  const seen = [needs, probes, uses, removals, incidents, notInstalled].map((all) =>
    all.map((entry) => JSON.stringify(entry)).sort(),
  );
  const failed = failure === undefined ? '' : `${failure.phase}: ${failure.firstError}`;
  return [outcome, failed, state, ...shown.sort(), `${silenced?.length} silenced`, ...seen.flat()].join('\n');
}

/** Writes a case that went wrong, for a person. */
export function explain({ action, text, taken, fresh }: Takeover): string {
  return `after ${action}:\n${text}\ntaken over (${taken.isRecalled ? 'from a record' : `${taken.reused} steps`}):\n${taken.says}\nfresh:\n${fresh.says}`;
}
