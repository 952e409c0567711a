import { l10n, QuickPickItemKind, window } from 'vscode';
import type { Repository } from './git-extension.ts';

/** What a review compares the working tree with. */
export interface Base {
  /** As the user chose it. */
  readonly name: string;
  /** The commit: where the branch began. */
  readonly commit: string;
}

interface Choice {
  readonly label: string;
  readonly description?: string;
  readonly kind?: QuickPickItemKind;
  /** Absent: the user writes it. */
  readonly ref?: string;
}

/** Lets the user choose what to compare with; undefined if nothing was chosen. @throws Error in the user's words */
export async function chooseBase(repository: Repository): Promise<Base | undefined> {
  const chosen = await window.showQuickPick(await listChoices(repository), {
    placeHolder: l10n.t('Review the changes of the working tree against…'),
    matchOnDescription: true,
  });
  if (chosen === undefined) return undefined;
  const name =
    chosen.ref ??
    (await window.showInputBox({
      prompt: l10n.t('A branch, a tag or a commit, as git names it'),
      placeHolder: 'HEAD~3',
    }));
  return name === undefined ? undefined : findBase(repository, name.trim());
}

/** Finds where the branch began that is checked out. @throws Error in the user's words */
export async function findBase(repository: Repository, name: string): Promise<Base> {
  const { hash } = await repository.getCommit(name).catch(() => {
    throw new Error(
      l10n.t('git knows no commit {0}: choose a branch, a tag or a commit that is there.', name),
    );
  });
  const commit = await repository.getMergeBase(hash, 'HEAD');
  if (commit === undefined)
    throw new Error(
      l10n.t('{0} and the branch that is checked out have no commit in common: choose another base.', name),
    );
  return { name, commit };
}

/** The likeliest ones first: where pull requests go, then the commits that were made last, then all branches. */
async function listChoices(repository: Repository): Promise<Choice[]> {
  const { upstream, name: current } = repository.state.HEAD ?? {};
  const local = await repository.getBranches({ remote: false });
  const remote = await repository.getBranches({ remote: true });
  const namesOf = (branches: typeof local): string[] => branches.flatMap(({ name }) => name ?? []);
  const locals = namesOf(local).filter((name) => name !== current);
  const remotes = namesOf(remote).filter((name) => !name.endsWith('/HEAD') && !locals.includes(name));
  const tracked = upstream === undefined ? [] : [`${upstream.remote}/${upstream.name}`];
  const main = [...remotes, ...locals].filter((name) => /^(?:[^/]+\/)?(?:main|master)$/.test(name));
  const first = [...new Set([...tracked, ...main])];
  const others = [...locals, ...remotes].filter((name) => !first.includes(name));
  return [
    ...first.map((ref) => ({
      label: ref,
      description: tracked.includes(ref) ? l10n.t('upstream of {0}', current ?? '') : l10n.t('main branch'),
      ref,
    })),
    { label: 'HEAD', description: l10n.t('only what is not committed'), ref: 'HEAD' },
    { label: 'HEAD~1', description: l10n.t('the last commit, and what is not committed'), ref: 'HEAD~1' },
    ...(others.length > 0 ? [{ label: l10n.t('branches'), kind: QuickPickItemKind.Separator }] : []),
    ...others.map((ref) => ({ label: ref, ref })),
    { label: 'another', kind: QuickPickItemKind.Separator },
    { label: '$(edit) Another Commit…' },
  ];
}
