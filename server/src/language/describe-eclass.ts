import type { DocumentationBlock, EclassDocumentation } from '../ebuild/eclass-documentation.ts';
import type { Paragraph } from './description.ts';
import type { EclassName } from './vocabulary.ts';

/** Describes an eclass. @param others what is said behind its EAPIs of those that it does not support */
export function describeEclass(
  name: string,
  { summary, description, eapis, replacement }: EclassDocumentation,
  others: string,
): readonly Paragraph[] {
  const rows: [string, string][] = [];
  if (replacement !== undefined) rows.push(deprecated(replacement));
  if (eapis.length > 0) rows.push(['EAPI', `${eapis.join(', ')}${others}`]);
  return [
    { kind: 'code', text: `inherit ${name}` },
    ...(summary === '' ? [] : [{ kind: 'quote', text: summary } as const]),
    ...rowsOf(rows),
    ...description.map(toParagraph),
  ];
}

/** Describes a function or a variable that an eclass documents. */
export function describeDocumented({ eclass, documented }: EclassName): readonly Paragraph[] {
  const { name, kind, usage, returns, initial, replacement } = documented;
  const rows: [string, string][] = [];
  if (replacement !== undefined) rows.push(deprecated(replacement));
  if (returns !== undefined) rows.push(['Returns', returns]);
  if (documented.isRequired) rows.push(['Required', 'the ebuild must set it']);
  if (documented.isSetBefore) rows.push(['When', 'set it before inherit']);
  if (documented.isForUsers) rows.push(['For', 'users, in make.conf; not for ebuilds']);
  if (documented.isOutput) rows.push(['Set by', `${eclass}.eclass`]);
  if (documented.isInternal) rows.push(['For', 'eclasses only']);
  rows.push(['Source', `${eclass}.eclass`]);
  const synopsis =
    kind === 'function'
      ? `${name} ${usage ?? ''}`.trim()
      : initial === undefined
        ? name
        : `${name}=${initial}`;
  return [{ kind: 'code', text: synopsis }, ...documented.description.map(toParagraph), ...rowsOf(rows)];
}

function deprecated(replacement: string): [string, string] {
  return ['Deprecated', /^none$|^$/i.test(replacement) ? 'yes' : `use ${replacement}`];
}

function rowsOf(rows: readonly (readonly [string, string])[]): Paragraph[] {
  return rows.length === 0 ? [] : [{ kind: 'facts', rows }];
}

function toParagraph({ kind, text }: DocumentationBlock): Paragraph {
  return kind === 'code' ? { kind, text } : { kind: 'quote', text: text.replace(/\s+/g, ' ') };
}
