import type { TextDocument } from 'vscode-languageserver-textdocument';
import { createOpenEbuild, type Derivation, type OpenEbuild } from './open-ebuild.ts';

/**
 * The open eclasses. They are read as ebuilds are, because both are bash with the words of PMS, but they have no findings, no status and no
 * trials.
 */
export interface Eclasses {
  known(uri: string): OpenEbuild | undefined;
  /** Handles that an eclass was opened or that its text has changed. */
  changed(document: TextDocument): void;
  /** @returns whether it was open */
  closed(uri: string): boolean;
}

export function createEclasses({ openText, judge }: Pick<Derivation, 'openText' | 'judge'>): Eclasses {
  const open = new Map<string, OpenEbuild>();
  return {
    known: (uri) => open.get(uri),
    changed(document) {
      const { uri } = document;
      const eclass = open.get(uri) ?? createOpenEbuild(uri, { openText, judge, check: () => [] });
      open.set(uri, eclass);
      eclass.setDocument(document);
    },
    closed(uri) {
      open.get(uri)?.close();
      return open.delete(uri);
    },
  };
}
