import { type Disposable, ViewColumn, type WebviewPanel, window } from 'vscode';

/** The page of the newest review, in a tab. */
export interface ReviewPage extends Disposable {
  show(html: string): void;
}

/** The page needs no script and no network, so the tab allows neither. */
export function createReviewPage(): ReviewPage {
  let panel: WebviewPanel | undefined;
  return {
    show(html) {
      if (panel === undefined) {
        panel = window.createWebviewPanel('ebuildAudit.review', 'Ebuild Audit Review', ViewColumn.Active, {
          enableScripts: false,
          enableFindWidget: true,
          localResourceRoots: [],
        });
        panel.onDidDispose(() => {
          panel = undefined;
        });
      } else panel.reveal();
      panel.webview.html = html;
    },
    dispose: () => panel?.dispose(),
  };
}
