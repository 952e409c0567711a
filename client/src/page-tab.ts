import { type Disposable, ViewColumn, type WebviewPanel, window } from 'vscode';

/** A page of Ebuild Audit in a tab of its own. */
export interface PageTab extends Disposable {
  /** Shows a page in place of the one before. */
  show(html: string, title?: string): void;
}

/**
 * Makes the tab of one kind of page; the first page opens it. A page needs no script and no network, so the tab allows neither.
 *
 * @param kind the name by which the editor knows tabs of this kind
 * @param name the title of a page that has none
 */
export function createPageTab(kind: string, name: string): PageTab {
  let panel: WebviewPanel | undefined;
  return {
    show(html, title = name) {
      if (panel === undefined) {
        panel = window.createWebviewPanel(kind, title, ViewColumn.Active, {
          enableScripts: false,
          enableFindWidget: true,
          localResourceRoots: [],
        });
        panel.onDidDispose(() => {
          panel = undefined;
        });
      } else panel.reveal();
      panel.title = title;
      panel.webview.html = html;
    },
    dispose: () => panel?.dispose(),
  };
}
