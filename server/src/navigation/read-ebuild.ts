import type { Tree } from 'web-tree-sitter';
import type { Knowledge } from '../audit/knowledge.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { Predefined } from '../ebuild/package-variables.ts';

/** The text of an ebuild with its facts and its tree. */
export interface ReadEbuild {
  readonly facts: EbuildFacts;
  /** Of the same text. It is lent: nobody keeps it after an answer. */
  readonly tree: Tree;
}

/** An ebuild or an eclass, and its surroundings. */
export interface PlacedEbuild {
  readonly ebuild: ReadEbuild;
  /** Undefined outside a repository. */
  readonly knowledge: Knowledge | undefined;
  /** The variables that are known from the path. */
  readonly predefined: Predefined;
  /** The name of the eclass; absent for an ebuild. */
  readonly eclass?: string;
}
