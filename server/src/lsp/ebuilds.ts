import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Limit } from '../errors/limit.ts';
import type { Client, ClientFeatures } from './client.ts';
import { toEbuildPath } from './from-protocol.ts';
import { createOpenEbuild, type Derivation, type OpenEbuild } from './open-ebuild.ts';
import { describeStatus } from './status.ts';
import { toDiagnostic, toEarlierDiagnostic } from './to-protocol.ts';

/** The ebuilds that are open or have a record, and the functions that show them. */
export interface Ebuilds {
  of(uri: string): OpenEbuild;
  known(uri: string): OpenEbuild | undefined;
  /** The ebuilds whose findings the client shows: those that are open, and those with a trial. */
  shown(): readonly OpenEbuild[];
  /**
   * Handles that the client has closed a document. The findings of a trial belong to the ebuild and not to its tab, so they stay, for the text
   * on disk. Never rejects.
   */
  close(uri: string): Promise<void>;
  /** Handles that the file of an ebuild was written or removed. Never rejects. */
  fileChanged(uri: string): Promise<void>;
  /** Calls {@link OpenEbuild.knowledgeChanged} for all ebuilds. */
  knowledgeChanged(): void;
  /** Publishes the findings of an ebuild, if it is shown. */
  publish(ebuild: OpenEbuild): void;
  showStatus(ebuild: OpenEbuild): void;
  /** Sends the status of an ebuild again if its limits have changed. */
  showLimits(ebuild: OpenEbuild): void;
  /** Publishes the findings and the status of an ebuild. */
  refresh(ebuild: OpenEbuild): void;
}

/** What the ebuilds of a server are made of. */
export interface EbuildsInput {
  readonly client: Client;
  readonly derive: Derivation;
  readonly features: ClientFeatures;
  limitsOf(uri: string): readonly Limit[];
  /** The text of a file; rejects if it cannot be read. */
  readFile(path: string): Promise<string>;
}

export function createEbuilds({ client, derive, features, limitsOf, readFile }: EbuildsInput): Ebuilds {
  const ebuilds = new Map<string, OpenEbuild>();
  /** The limits that the client knows, by URI. */
  const told = new Map<string, string>();
  const publish = (ebuild: OpenEbuild): void => {
    const { uri, document } = ebuild;
    if (document === undefined) return;
    const diagnostics = [
      ...ebuild.findings().map((finding) => toDiagnostic(document, finding, features, ebuild.trial.places)),
      ...ebuild.earlierFindings().map((finding) => toEarlierDiagnostic(document, finding, features)),
    ];
    client.publishDiagnostics({
      uri,
      ...(ebuild.isOpen ? { version: document.version } : {}),
      diagnostics,
    });
  };
  const showStatus = (ebuild: OpenEbuild): void => {
    const limits = limitsOf(ebuild.uri);
    told.set(ebuild.uri, JSON.stringify(limits));
    client.status(describeStatus(ebuild, limits));
  };
  /** Forgets an ebuild that nothing is known of, or whose file is gone. */
  const forget = (ebuild: OpenEbuild): void => {
    ebuild.close();
    if (ebuild.trials.count === 0) {
      ebuilds.delete(ebuild.uri);
      told.delete(ebuild.uri);
    }
    client.publishDiagnostics({ uri: ebuild.uri, diagnostics: [] });
  };
  /** Shows a closed ebuild with the text on disk. */
  async function showSaved(ebuild: OpenEbuild): Promise<void> {
    const path = toEbuildPath(ebuild.uri);
    const text = path === undefined ? undefined : await readFile(path).catch(() => undefined);
    if (ebuild.isOpen) return;
    if (text === undefined) return forget(ebuild);
    ebuild.setSaved(TextDocument.create(ebuild.uri, 'ebuild', 0, text));
    publish(ebuild);
  }
  return {
    of(uri) {
      const known = ebuilds.get(uri) ?? createOpenEbuild(uri, derive);
      ebuilds.set(uri, known);
      return known;
    },
    known: (uri) => ebuilds.get(uri),
    shown: () => [...ebuilds.values()].filter(({ document }) => document !== undefined),
    async close(uri) {
      const ebuild = ebuilds.get(uri);
      // The client may have diagnostics of a document that is no ebuild here, because it is too long.
      if (ebuild === undefined) return client.publishDiagnostics({ uri, diagnostics: [] });
      if (ebuild.trial.record === undefined) return forget(ebuild);
      ebuild.close();
      await showSaved(ebuild);
    },
    async fileChanged(uri) {
      const ebuild = ebuilds.get(uri);
      if (ebuild !== undefined && !ebuild.isOpen) await showSaved(ebuild);
    },
    knowledgeChanged() {
      for (const ebuild of ebuilds.values()) ebuild.knowledgeChanged();
    },
    publish,
    showStatus,
    showLimits(ebuild) {
      if (told.get(ebuild.uri) !== JSON.stringify(limitsOf(ebuild.uri))) showStatus(ebuild);
    },
    refresh(ebuild) {
      // A trial may be of an ebuild that no tab has.
      if (ebuild.document === undefined && ebuild.trial.record !== undefined) void showSaved(ebuild);
      else publish(ebuild);
      showStatus(ebuild);
    },
  };
}
