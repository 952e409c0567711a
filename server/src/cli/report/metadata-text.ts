import type { ConditionalAtom, TracedMetadata } from '../../check/traced-metadata.ts';
import { showLine } from '../../errors/visible-text.ts';
import { placeAt } from '../../page/line-index.ts';
import { printAtom } from '../../pms/atom.ts';
import { holdsFor, isAlways, printCondition } from '../../pms/condition.ts';

/**
 * Formats metadata for people: a line for each fact, and one for each atom with its origin and its condition. A
 * hyphen in front marks an atom that is not active under the enabled flags.
 */
export function formatMetadata(text: string, { metadata, atoms, flags }: TracedMetadata): string {
  const iuse = metadata.iuse.value;
  const enabled = iuse.filter((flag) => flags.enabled.has(flag));
  const facts = [
    ['EAPI', metadata.eapi.value],
    ['SLOT', metadata.slot.value],
    ['IUSE', iuse.join(' ')],
    [
      'enabled',
      `${enabled.join(' ')}${flags.approximation === undefined ? '' : ` (${flags.approximation})`}`,
    ],
    ['inherited', metadata.inherited.value.join(' ')],
    ['source', metadata.slot.source],
  ].map(([name = '', value = '']) => `${name.padEnd(11)}${value}`.trimEnd());
  const origins = atoms.map(({ origin }) => formatOrigin(text, origin));
  const width = Math.max(0, ...origins.map((origin) => origin.length));
  const formatted = atoms.map((traced, index) => {
    const off = holdsFor(traced.condition, flags.enabled) ? ' ' : '-';
    const head = atoms[index - 1]?.variable === traced.variable ? '' : `\n${traced.variable}\n`;
    const condition = isAlways(traced.condition) ? '' : `  if ${printCondition(traced.condition)}`;
    return `${head}${off} ${(origins[index] ?? '').padEnd(width)}  ${printAtom(traced.atom)}${condition}`;
  });
  return [...facts, ...formatted]
    .flatMap((paragraph) => paragraph.split('\n'))
    .map((line) => showLine(line).trimEnd())
    .join('\n');
}

function formatOrigin(text: string, origin: ConditionalAtom['origin']): string {
  switch (origin.kind) {
    case 'text': {
      const { line, column } = placeAt(text, origin.range.start);
      const via = origin.viaVariable === undefined ? '' : `, via ${origin.viaVariable}`;
      return `line ${line}:${column}${via}${origin.generator === undefined ? '' : `, by ${origin.generator}`}`;
    }
    case 'eclass':
      return origin.eclass === undefined ? 'an eclass' : `${origin.eclass}.eclass`;
    case 'unknown': {
      const lines = origin.candidates.map(({ start }) => placeAt(text, start).line);
      return `perhaps line ${[...new Set(lines)].join(' or ')}`;
    }
  }
}
