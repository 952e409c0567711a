import type { TextRange } from '../../pms/text-range.ts';
import { plainToken, type SemanticToken } from './semantic-token.ts';

const HEAD = /^(!{0,2})([<>]=?|[=~])?([A-Za-z0-9_][\w+.-]*)\/([A-Za-z0-9_][\w+.-]*\*?)/;
const VERSION = /^(.*?)-(\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?\*?)$/;
const FLAG = /^([!-]?)([A-Za-z0-9][\w+@-]*)((?:\([+-]\))?[=?]?)$/;

/** The parts of an atom (PMS 8.3), also of one with expansions. What bash still has to expand has no token. Total. */
export function atomTokens(text: string, { start, end }: TextRange): SemanticToken[] {
  const written = text.slice(start, end);
  const head = HEAD.exec(written);
  if (head === null) return [];
  const [whole, blocker = '', operator = '', category = '', rest = ''] = head;
  const tokens: SemanticToken[] = [];
  const add = (type: SemanticToken['type'], from: number, length: number): void => {
    if (length > 0) tokens.push(plainToken(type, start + from, start + from + length));
  };
  add('operator', 0, blocker.length);
  add('operator', blocker.length, operator.length);
  const categoryAt = blocker.length + operator.length;
  add('namespace', categoryAt, category.length);
  const nameAt = categoryAt + category.length + 1;
  const version = operator === '' ? null : VERSION.exec(rest);
  // The hyphen before an expansion is no part of the name.
  const name = version?.[1] ?? rest.replace(/-$/, '');
  add('class', nameAt, name.length);
  if (version !== null) add('number', nameAt + name.length + 1, rest.length - name.length - 1);
  const bracket = written.indexOf('[', whole.length);
  const slotEnd = bracket < 0 ? written.length : bracket;
  const colon = written.indexOf(':', whole.length);
  if (colon >= 0 && colon < slotEnd) addSlot(written.slice(colon + 1, slotEnd), colon + 1, add);
  if (bracket >= 0) addFlags(written, bracket + 1, add);
  return tokens;
}

type Add = (type: SemanticToken['type'], from: number, length: number) => void;

function addSlot(written: string, from: number, add: Add): void {
  const [slot = ''] = /^[\w+./-]*/.exec(written) ?? [];
  add('type', from, slot.length);
  if (/^[=*]$/.test(written.slice(slot.length))) add('operator', from + slot.length, 1);
}

function addFlags(written: string, from: number, add: Add): void {
  const end = written.endsWith(']') ? written.length - 1 : written.length;
  let at = from;
  for (const word of written.slice(from, end).split(',')) {
    const [, sign = '', flag = '', suffix = ''] = FLAG.exec(word) ?? [];
    add('operator', at, sign.length);
    add('enumMember', at + sign.length, flag.length);
    add('operator', at + sign.length + flag.length, suffix.length);
    at += word.length + 1;
  }
}
