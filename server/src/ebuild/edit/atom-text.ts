import type { AtomOperator } from '../../pms/atom.ts';

/** The parts to change in the text of an atom. Other parts stay as they are written, also expansions. */
export interface AtomChange {
  readonly category?: string;
  readonly name?: string;
  /** Only for an atom with a version, or together with one. */
  readonly operator?: AtomOperator;
  /** With its revision. */
  readonly version?: string;
  /** The slot without its operator; empty removes slot and subslot. */
  readonly slot?: string;
  readonly slotOperator?: '' | '=' | '*';
}

const ATOM =
  /^(!{0,2})([<>]=?|[=~])?([\w+.-]+)\/([\w+-]+?)(?:-((?:\d|\$)[^:[\]]*?)(\*?))?(?::([^:[\]]*?)([=*]?))?((?:::[\w-]+)?(?:\[.*\])?)$/s;

/**
 * Changes parts of the text of an atom (PMS 8.3): `>=a/b-${PV}[x]` with the slot operator `=` becomes `>=a/b-${PV}:=[x]`.
 *
 * @returns undefined if the text is not an atom, or if the result would have an operator without a version
 */
export function changeAtomText(text: string, change: AtomChange): string | undefined {
  const match = ATOM.exec(text);
  if (match === null || text.length > 1000) return undefined;
  const [
    ,
    blocker = '',
    oldOperator,
    category,
    name,
    oldVersion,
    glob = '',
    oldSlot = '',
    oldSlotOperator = '',
    rest = '',
  ] = match;
  // A hyphen before an expansion begins a version only if there is an operator.
  if (oldVersion !== undefined && oldOperator === undefined) return undefined;
  if (oldSlotOperator === '*' && oldSlot !== '') return undefined;
  if (/:(?=$|::|\[)/.test(text.slice(0, text.length - rest.length))) return undefined;
  const version = change.version ?? oldVersion;
  const operator = change.operator ?? oldOperator;
  if ((version === undefined) !== (operator === undefined)) return undefined;
  const star = change.version === undefined && operator === '=' ? glob : '';
  const slotOperator = change.slotOperator ?? oldSlotOperator;
  const slot = slotOperator === '*' ? '' : (change.slot ?? oldSlot);
  return [
    blocker,
    operator ?? '',
    `${change.category ?? category}/${change.name ?? name}`,
    version === undefined ? '' : `-${version}${star}`,
    slot === '' && slotOperator === '' ? '' : `:${slot}${slotOperator}`,
    rest,
  ].join('');
}
