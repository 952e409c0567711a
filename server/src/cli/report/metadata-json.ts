import type { ConditionalAtom } from '../../check/traced-metadata.ts';
import { placeAt } from '../../page/line-index.ts';
import { printAtom } from '../../pms/atom.ts';
import { holdsFor, printCondition } from '../../pms/condition.ts';
import type { FileMetadata } from './report.ts';

/** The result of `metadata`, described in docs/command-line.md; `format` is raised if a key changes its meaning. */
export function describeMetadata({ file, text, traced: { metadata, atoms, flags } }: FileMetadata) {
  return {
    format: 1,
    file,
    source: metadata.slot.source,
    eapi: metadata.eapi.value,
    slot: metadata.slot.value,
    iuse: metadata.iuse.value,
    inherited: metadata.inherited.value,
    use: {
      enabled: [...flags.enabled].sort(),
      source: flags.source,
      approximation: flags.approximation ?? null,
    },
    atoms: atoms.map((traced) => ({
      variable: traced.variable,
      atom: printAtom(traced.atom),
      when: printCondition(traced.condition),
      active: holdsFor(traced.condition, flags.enabled),
      origin: describeOrigin(text, traced.origin),
    })),
  };
}

function describeOrigin(text: string, origin: ConditionalAtom['origin']) {
  switch (origin.kind) {
    case 'text': {
      const range = { start: placeAt(text, origin.range.start), end: placeAt(text, origin.range.end) };
      return {
        kind: 'text',
        range,
        variable: origin.viaVariable ?? null,
        generator: origin.generator ?? null,
      };
    }
    case 'eclass':
      return { kind: 'eclass', eclass: origin.eclass ?? null };
    case 'unknown':
      return { kind: 'unknown', candidates: origin.candidates.map(({ start }) => placeAt(text, start)) };
  }
}
