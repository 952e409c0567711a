import type { TextRange } from '../pms/text-range.ts';

/** A part of a text that leads somewhere: to an address of the web, or to a file. */
export type Link = TextRange & ({ readonly address: string } | { readonly file: string });
