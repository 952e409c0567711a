import { extensions, l10n, type Uri, type WorkspaceFolder, window, workspace } from 'vscode';

/** The part of version 1 of the git extension's API that a review needs (extensions/git/src/api/git.d.ts of VS Code). */
export interface GitApi {
  readonly repositories: readonly Repository[];
  getRepository(uri: Uri): Repository | null;
  /** The address of a file as it is in a commit. A file that the commit lacks is empty. */
  toGitUri(uri: Uri, ref: string): Uri;
  openRepository(root: Uri): Promise<Repository | null>;
}

export interface Repository {
  readonly rootUri: Uri;
  readonly state: {
    readonly HEAD: Branch | undefined;
    readonly workingTreeChanges: readonly Change[];
    /** Filled only if the setting `git.untrackedChanges` is `separate`. */
    readonly untrackedChanges?: readonly Change[];
  };
  getBranches(query: { readonly remote?: boolean }): Promise<readonly Branch[]>;
  getMergeBase(ref1: string, ref2: string): Promise<string | undefined>;
  getCommit(ref: string): Promise<{ readonly hash: string; readonly message: string }>;
  diffWith(ref: string): Promise<readonly Change[]>;
  status(): Promise<void>;
}

interface Branch {
  readonly name?: string;
  readonly commit?: string;
  readonly upstream?: { readonly remote: string; readonly name: string };
}

export interface Change {
  /** Where the file is now, also of a renamed one. */
  readonly uri: Uri;
  readonly renameUri?: Uri | undefined;
  readonly status: number;
}

/** The values of `Status` in that API that matter here. */
const DELETED: readonly number[] = [2, 6];
const UNTRACKED = 7;

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** @returns undefined if the editor has no git extension, or it is switched off */
export async function openGitApi(): Promise<GitApi | undefined> {
  const extension = extensions.getExtension<GitExtension>('vscode.git');
  if (extension === undefined) return undefined;
  const { enabled, getAPI } = await extension.activate();
  return enabled ? getAPI.call(extension.exports, 1) : undefined;
}

/** The repository of the active editor, or the only one, or the one that the user chooses; undefined if there is none. */
export async function chooseRepository(api: GitApi): Promise<Repository | undefined> {
  const active = window.activeTextEditor?.document.uri;
  const ofEditor = active?.scheme === 'file' ? api.getRepository(active) : null;
  if (ofEditor !== null) return ofEditor;
  const known = api.repositories.length > 0 ? api.repositories : await openFolders(api);
  if (known.length < 2) return known[0];
  const choices = known.map((repository) => ({ label: repository.rootUri.fsPath, repository }));
  const chosen = await window.showQuickPick(choices, { placeHolder: l10n.t('The repository to review') });
  return chosen?.repository;
}

/** The git extension looks for repositories only after a while. */
async function openFolders(api: GitApi): Promise<Repository[]> {
  const folders = workspace.workspaceFolders ?? [];
  const opened = await Promise.all(folders.map(({ uri }: WorkspaceFolder) => api.openRepository(uri)));
  return opened.filter((repository) => repository !== null);
}

/** Lists the ebuilds that differ between a commit and the working tree and are still there. */
export async function listChangedEbuilds(repository: Repository, base: string): Promise<Uri[]> {
  await repository.status();
  const { workingTreeChanges, untrackedChanges = [] } = repository.state;
  const untracked = [...workingTreeChanges, ...untrackedChanges].filter(({ status }) => status === UNTRACKED);
  const changes = [...(await repository.diffWith(base)), ...untracked].filter(
    ({ status }) => !DELETED.includes(status),
  );
  const files = changes.map(({ uri, renameUri }) => renameUri ?? uri);
  const ebuilds = files.filter(({ path }) => path.endsWith('.ebuild'));
  return [...new Map(ebuilds.map((uri) => [uri.path, uri])).values()].sort((left, right) =>
    left.path < right.path ? -1 : 1,
  );
}
