/** A line of a file in `profiles/updates` (PMS 4.4.4). Packages are `category/name`. */
export type PackageUpdate =
  | { readonly kind: 'move'; readonly from: string; readonly to: string }
  | { readonly kind: 'slotmove'; readonly atom: string; readonly from: string; readonly to: string };

const PACKAGE = /^[A-Za-z0-9_][A-Za-z0-9+_.-]*\/[A-Za-z0-9_][A-Za-z0-9+_-]*$/;
const SLOT = /^[A-Za-z0-9_][A-Za-z0-9+_.-]*$/;

/** Reads one file of `profiles/updates`. Total: lines of another form are skipped, as Portage does. */
export function parsePackageUpdates(text: string): PackageUpdate[] {
  const updates: PackageUpdate[] = [];
  for (const line of text.split('\n')) {
    const [command, ...words] = line.match(/\S+/g) ?? [];
    const [first = '', second = '', third = ''] = words;
    if (command === 'move' && words.length === 2 && PACKAGE.test(first) && PACKAGE.test(second))
      updates.push({ kind: 'move', from: first, to: second });
    else if (command === 'slotmove' && words.length === 3 && SLOT.test(second) && SLOT.test(third))
      updates.push({ kind: 'slotmove', atom: first, from: second, to: third });
  }
  return updates;
}

/**
 * Sorts the names of update files by time: `4Q-2023` comes before `1Q-2024` (PMS 4.4.4). Names of another form come
 * last, by name.
 */
export function sortUpdateFiles(names: readonly string[]): string[] {
  const key = (name: string): string => name.replace(/^(\dQ)-(\d{4})$/, '$2-$1');
  return [...names].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}

/**
 * The present name of every package that was moved, at the end of its chain. A package that was moved back to its old
 * name is not moved, and circles are left out.
 *
 * @param updates in the order in which they happened
 */
export function resolveMoves(updates: readonly PackageUpdate[]): ReadonlyMap<string, string> {
  const next = new Map<string, string>();
  for (const update of updates) {
    if (update.kind !== 'move' || update.from === update.to) continue;
    next.delete(update.to);
    next.set(update.from, update.to);
  }
  const moves = new Map<string, string>();
  for (const from of next.keys()) {
    const end = endOfChain(next, from, moves);
    if (end !== undefined) moves.set(from, end);
  }
  return moves;
}

function endOfChain(
  next: ReadonlyMap<string, string>,
  from: string,
  known: ReadonlyMap<string, string>,
): string | undefined {
  const seen = new Set([from]);
  let place = next.get(from);
  while (place !== undefined) {
    const end = known.get(place);
    if (end !== undefined) return end;
    if (seen.has(place)) return undefined;
    seen.add(place);
    const further = next.get(place);
    if (further === undefined) return place;
    place = further;
  }
  return undefined;
}
