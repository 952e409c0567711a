import { createLiveText } from '../../server/src/ebuild/live-text.ts';
import { packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { definitionsAt } from '../../server/src/navigation/definition.ts';
import { foldsOf } from '../../server/src/navigation/folding.ts';
import { linksOf } from '../../server/src/navigation/links.ts';
import { formatLists } from '../../server/src/navigation/list-format.ts';
import { usesAt } from '../../server/src/navigation/name-uses.ts';
import type { ReadEbuild } from '../../server/src/navigation/read-ebuild.ts';
import { renameAt } from '../../server/src/navigation/rename.ts';
import { selectionsAt } from '../../server/src/navigation/selection.ts';
import { type OutlineEntry, outlineOf } from '../../server/src/navigation/symbols.ts';
import { tokensOf } from '../../server/src/navigation/tokens/tokens.ts';
import { bash } from '../ebuild/bash.ts';
import { checkEdits, inText, SEEDS, WORDS } from './ebuild-targets.ts';
import type { FuzzTarget } from './target.ts';

const live = createLiveText(bash);
const predefined = packageVariables('dev-libs', 'foo-1.2.3_rc4-r5');
const NEW_NAME = 'a_new_name';

function read<Result>(text: string, use: (ebuild: ReadEbuild) => Result): Result | undefined {
  const facts = live.read(text);
  return live.withTree(text, (tree) => use({ facts, tree }));
}

/** Offsets all over a text. */
function someOffsets(text: string): number[] {
  return Array.from({ length: 12 }, (_, index) => Math.floor((text.length * index) / 11));
}

const rename = (text: string, offset: number, name: string): string | undefined =>
  read(text, (ebuild) => {
    const edits = renameAt({ ebuild, eclasses: () => [] }, offset, name);
    if (edits === undefined || 'refusal' in edits) return undefined;
    checkEdits(text, edits);
    return applyEdits(text, edits);
  });

function checkNames(text: string): void {
  for (const offset of someOffsets(text)) {
    const found = read(text, (ebuild) => usesAt(ebuild, offset));
    if (found === undefined) continue;
    inText(text, found.uses);
    if (!found.uses.includes(found.at)) throw new Error('the place itself is no use');
    const renamed = rename(text, found.at.start, NEW_NAME);
    if (renamed === undefined) continue;
    const before = found.uses.filter(({ start }) => start < found.at.start).length;
    const moved = found.at.start + before * (NEW_NAME.length - found.name.length);
    const back = rename(renamed, moved, found.name);
    if (back !== undefined && back !== text) throw new Error(`renamed back to ${back}`);
  }
}

function checkSelections(ebuild: ReadEbuild): void {
  const { text } = ebuild.facts;
  for (const offset of someOffsets(text)) {
    const ranges = selectionsAt(ebuild, offset);
    inText(text, ranges);
    for (const [index, { start, end }] of ranges.entries()) {
      const inner = ranges[index - 1];
      if (inner !== undefined && (inner.start < start || inner.end > end)) throw new Error('not nested');
    }
  }
}

function checkOutline(text: string, entries: readonly OutlineEntry[]): void {
  inText(text, entries);
  for (const { start, end, nameRange, name, children } of entries) {
    if (nameRange.start < start || nameRange.end > end || name === '') throw new Error('a name outside');
    checkOutline(text, children);
  }
}

/** The readers of the room `navigation`. */
export const NAVIGATION_TARGETS: readonly FuzzTarget[] = [
  { name: 'usesAt and renameAt', seeds: SEEDS, words: WORDS, run: checkNames },
  {
    name: 'definitionsAt, selectionsAt, foldsOf, outlineOf',
    seeds: SEEDS,
    words: WORDS,
    run: (text) => {
      read(text, (ebuild) => {
        checkSelections(ebuild);
        checkOutline(text, outlineOf(ebuild.facts));
        inText(text, foldsOf(ebuild));
        const placed = { ebuild, knowledge: undefined, predefined };
        for (const offset of someOffsets(text))
          for (const found of definitionsAt(placed, offset)) if (!('file' in found)) inText(text, [found]);
      });
    },
  },
  {
    name: 'linksOf',
    seeds: SEEDS,
    words: [...WORDS, 'bug #123456', 'https://', 'mirror://gnu/', 'command:x'],
    run: (text) => {
      const links = read(text, (ebuild) => linksOf({ ebuild, knowledge: undefined, predefined })) ?? [];
      inText(text, links);
      for (const link of links)
        if (!('address' in link) || !/^https?:\/\/[!-~]+$/.test(link.address)) throw new Error('no address');
    },
  },
  {
    name: 'tokensOf',
    seeds: SEEDS,
    words: WORDS,
    run: (text) => {
      read(text, (ebuild) => {
        const subject = { facts: ebuild.facts, knowledge: undefined, identity: undefined };
        const tokens = tokensOf(ebuild, subject);
        inText(text, tokens);
        for (const [index, { start }] of tokens.entries())
          if (start < (tokens[index - 1]?.end ?? 0)) throw new Error('tokens overlap');
      });
    },
  },
  {
    name: 'formatLists',
    seeds: SEEDS,
    words: WORDS,
    run: (text) => {
      const edits = formatLists(live.read(text));
      checkEdits(text, edits);
      const formatted = applyEdits(text, edits);
      if (formatted.replace(/\s/g, '') !== text.replace(/\s/g, ''))
        throw new Error('more than white space changed');
      checkEdits(formatted, formatLists(live.read(formatted)));
      const again = applyEdits(formatted, formatLists(live.read(formatted)));
      if (again !== formatted) throw new Error(`changes again: ${again}`);
    },
  },
];
