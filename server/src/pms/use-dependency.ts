import type { EapiFeatures } from './eapi.ts';
import { explainWrongCharacter, findWrongCharacter, USE_FLAG } from './names.ts';
import { lengthOfCharacter, type Report } from './text-range.ts';

/**
 * One entry of a USE dependency (PMS 8.3.4): `[flag]` enabled, `[-flag]` disabled, `[flag=]` equal, `[!flag=]` opposite,
 * `[flag?]` if-enabled, `[!flag?]` if-disabled. The last four depend on the flag of the package that has the dependency.
 */
export interface UseDependency {
  readonly flag: string;
  readonly form: 'enabled' | 'disabled' | 'equal' | 'opposite' | 'if-enabled' | 'if-disabled';
  /** The default for a package without this flag: `(+)` enabled, `(-)` disabled; empty if it must have the flag. */
  readonly missing: '' | '+' | '-';
}

const NONE: readonly UseDependency[] = [];

/**
 * Reads the USE dependencies between the brackets of an atom.
 *
 * @param start the offset after `[`
 * @param end the offset of `]`
 * @returns the valid entries
 */
export function readUseDependencies(
  text: string,
  start: number,
  end: number,
  features: EapiFeatures,
  report: Report,
): readonly UseDependency[] {
  const result: UseDependency[] = [];
  let defaults: Map<string, string> | undefined;
  for (let position = start; position <= end; ) {
    const comma = text.indexOf(',', position);
    const pieceEnd = comma < 0 || comma > end ? end : comma;
    const use = readUseDependency(text, position, pieceEnd, report);
    if (use !== undefined) {
      if (use.missing !== '' && !features.useDefaults)
        report(
          position,
          pieceEnd,
          `This EAPI has no \`(${use.missing})\`: remove it, or use EAPI 4 or later.`,
        );
      if (result.length > 0) defaults ??= new Map(result.map((earlier) => [earlier.flag, earlier.missing]));
      if ((defaults?.get(use.flag) ?? use.missing) === use.missing) result.push(use);
      else
        report(
          position,
          pieceEnd,
          `\`${use.flag}\` stands here twice with different defaults: give both the same (+) or (-), or remove one.`,
        );
      defaults?.set(use.flag, defaults.get(use.flag) ?? use.missing);
    }
    position = pieceEnd + 1;
  }
  return result.length === 0 ? NONE : result;
}

function readUseDependency(
  text: string,
  pieceStart: number,
  pieceEnd: number,
  report: Report,
): UseDependency | undefined {
  let start = pieceStart;
  let end = pieceEnd;
  while (start < end && isBlank(text, start)) start++;
  while (start < end && isBlank(text, end - 1)) end--;
  if (start === end) {
    report(pieceStart, pieceEnd, 'A USE flag is missing here: write one or remove the comma or brackets.');
    return undefined;
  }
  const prefix = text[start] === '!' || text[start] === '-' ? text.charAt(start) : '';
  const suffix = text[end - 1] === '?' || text[end - 1] === '=' ? text.charAt(end - 1) : '';
  const flagStart = start + prefix.length;
  let flagEnd = Math.max(end - suffix.length, flagStart);
  let missing: string | undefined;
  if (text[flagEnd - 1] === ')') {
    const open = text.lastIndexOf('(', flagEnd - 1);
    if (open >= flagStart) {
      missing = text.slice(open + 1, flagEnd - 1);
      flagEnd = open;
    }
  }
  const wrong = findWrongCharacter(USE_FLAG, text, flagStart, flagEnd);
  if (flagStart === flagEnd) {
    const written = text.slice(start, end);
    report(
      start,
      end,
      `\`${written}\` is not a USE dependency: write flag, -flag, flag?, !flag?, flag= or !flag=.`,
    );
    return undefined;
  }
  if (wrong < flagEnd) {
    report(
      wrong,
      wrong + lengthOfCharacter(text, wrong),
      explainWrongCharacter(USE_FLAG, text, flagStart, wrong),
    );
    return undefined;
  }
  const flag = text.slice(flagStart, flagEnd);
  if (missing !== undefined && missing !== '+' && missing !== '-') {
    report(
      flagEnd,
      end - suffix.length,
      `\`(${missing})\` is not a default: write (+) or (-) after the flag.`,
    );
    return undefined;
  }
  if (prefix === '!' && suffix === '') {
    report(start, end, `\`!${flag}\` lacks its ending: write -${flag}, !${flag}? or !${flag}=.`);
    return undefined;
  }
  if (prefix === '-' && suffix !== '') {
    report(start, end, `\`-${flag}${suffix}\` mixes two forms: write -${flag}, !${flag}? or !${flag}=.`);
    return undefined;
  }
  return { flag, form: formOf(prefix, suffix), missing: missing ?? '' };
}

function formOf(prefix: string, suffix: string): UseDependency['form'] {
  if (suffix === '=') return prefix === '!' ? 'opposite' : 'equal';
  if (suffix === '?') return prefix === '!' ? 'if-disabled' : 'if-enabled';
  return prefix === '-' ? 'disabled' : 'enabled';
}

/** Writes one entry, without brackets. */
export function printUseDependency(use: UseDependency): string {
  const missing = use.missing === '' ? '' : `(${use.missing})`;
  switch (use.form) {
    case 'enabled':
      return `${use.flag}${missing}`;
    case 'disabled':
      return `-${use.flag}${missing}`;
    case 'equal':
      return `${use.flag}${missing}=`;
    case 'opposite':
      return `!${use.flag}${missing}=`;
    case 'if-enabled':
      return `${use.flag}${missing}?`;
    case 'if-disabled':
      return `!${use.flag}${missing}?`;
  }
}

function isBlank(text: string, position: number): boolean {
  const code = text.charCodeAt(position);
  return code === 32 || (code >= 9 && code <= 13);
}
