import { UserError } from '../errors/user-error.ts';

/** A configuration for an editor, and where it belongs. */
interface EditorConfig {
  /** One or two sentences, printed as comments of the configuration. */
  readonly note: string;
  readonly comment: string;
  readonly text: string;
}

const NEOVIM = `vim.filetype.add({
  extension = { ebuild = 'ebuild', eclass = 'ebuild' },
  pattern = {
    ['.*/metadata/md5%-cache/[^/]+/[^/]+'] = 'gentoo-cache',
    ['.*/%w+%-%w+/[^/]+/Manifest'] = 'gentoo-manifest',
    ['.*/profiles/.*package%.[%w_.]+'] = 'gentoo-profile',
    ['.*/profiles/.*use%.[%w.]+'] = 'gentoo-profile',
    ['.*/profiles/.*make%.defaults'] = 'gentoo-profile',
    ['.*/profiles/.*/parent'] = 'gentoo-profile',
    ['.*/profiles/desc/[^/]+%.desc'] = 'gentoo-profile',
  },
})

-- Without the plug-in gentoo-syntax, Neovim has no colours for ebuilds of its own.
vim.api.nvim_create_autocmd('FileType', {
  pattern = 'ebuild',
  callback = function(event)
    if #vim.api.nvim_get_runtime_file('syntax/ebuild.vim', false) > 0 then return end
    vim.b[event.buf].is_bash = 1
    vim.bo[event.buf].syntax = 'sh'
  end,
})

vim.lsp.config('ebuild-audit', {
  cmd = { 'ebuild-audit', 'lsp' },
  -- xml is for metadata.xml; the server leaves other files alone.
  filetypes = { 'ebuild', 'gentoo-cache', 'gentoo-manifest', 'gentoo-profile', 'xml' },
  root_markers = { 'metadata/layout.conf', 'profiles/repo_name' },
  -- Remove it for repositories whose code you do not want to run.
  init_options = { trusted = true },
  settings = { ebuildAudit = {} },
})
vim.lsp.enable('ebuild-audit')

-- :EbuildTrial runs a trial, :EbuildVerify applies the safe fixes and runs another, :EbuildLog opens the build log.
for name, command in pairs({
  EbuildTrial = 'ebuild-audit.runTrial',
  EbuildVerify = 'ebuild-audit.fixAndVerify',
  EbuildCancel = 'ebuild-audit.cancelTrial',
  EbuildLog = 'ebuild-audit.showBuildLog',
}) do
  vim.api.nvim_create_user_command(name, function()
    for _, client in ipairs(vim.lsp.get_clients({ bufnr = 0, name = 'ebuild-audit' })) do
      client:request('workspace/executeCommand', { command = command, arguments = { vim.uri_from_bufnr(0) } })
    end
  end, {})
end
`;

const VIM = `" Vim itself takes ebuilds for shell scripts. Without the plug-in gentoo-syntax it still colours them like that.
augroup ebuild_audit
  autocmd!
  autocmd BufRead,BufNewFile *.ebuild,*.eclass set filetype=ebuild
  autocmd BufRead,BufNewFile */metadata/md5-cache/*/* set filetype=gentoo-cache
  autocmd BufRead,BufNewFile */*-*/*/Manifest,*/virtual/*/Manifest set filetype=gentoo-manifest
  autocmd BufRead,BufNewFile */profiles/*package.*,*/profiles/*use.*,*/profiles/*/parent set filetype=gentoo-profile
  autocmd FileType ebuild if empty(globpath(&runtimepath, 'syntax/ebuild.vim')) | let b:is_bash = 1 | setlocal syntax=sh | endif
augroup END

" With the plug-in vim-lsp. xml is for metadata.xml; the server leaves other files alone.
autocmd User lsp_setup call lsp#register_server({
  \\ 'name': 'ebuild-audit',
  \\ 'cmd': ['ebuild-audit', 'lsp'],
  \\ 'allowlist': ['ebuild', 'gentoo-cache', 'gentoo-manifest', 'gentoo-profile', 'xml'],
  \\ 'initialization_options': { 'trusted': v:true },
  \\ 'workspace_config': { 'ebuildAudit': {} },
  \\ })

" :EbuildTrial runs a trial, :EbuildVerify applies the safe fixes and runs another.
function! s:Execute(command)
  call lsp#send_request('ebuild-audit', { 'method': 'workspace/executeCommand', 'params':
    \\ { 'command': 'ebuild-audit.' . a:command, 'arguments': [lsp#utils#get_buffer_uri()] } })
endfunction
command! EbuildTrial call s:Execute('runTrial')
command! EbuildVerify call s:Execute('fixAndVerify')
command! EbuildCancel call s:Execute('cancelTrial')
`;

const EMACS = `(add-to-list 'auto-mode-alist '("\\\\.\\\\(ebuild\\\\|eclass\\\\)\\\\'" . ebuild-mode))
(unless (fboundp 'ebuild-mode)
  (define-derived-mode ebuild-mode sh-mode "Ebuild"))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               '(ebuild-mode . ("ebuild-audit" "lsp" :initializationOptions (:trusted t)))))
(add-hook 'ebuild-mode-hook #'eglot-ensure)

(defun ebuild-audit (command)
  "Run COMMAND of the language server for this ebuild: a trial, or what follows it."
  (interactive (list (completing-read "Command: " '("runTrial" "fixAndVerify" "cancelTrial" "showBuildLog"))))
  (eglot-execute-command (eglot-current-server)
                         (concat "ebuild-audit." command)
                         (vector (plist-get (eglot--TextDocumentIdentifier) :uri))))
`;

const HELIX = `[language-server.ebuild-audit]
command = "ebuild-audit"
args = ["lsp"]
config = { trusted = true }

[[language]]
name = "ebuild"
scope = "source.ebuild"
file-types = ["ebuild", "eclass"]
grammar = "bash"
comment-token = "#"
indent = { tab-width = 4, unit = "\\t" }
roots = ["metadata", "profiles"]
language-servers = ["ebuild-audit"]
`;

const KATE = `{
  "servers": {
    "ebuild": {
      "command": ["ebuild-audit", "lsp"],
      "rootIndicationFileNames": ["metadata/layout.conf", "profiles/repo_name"],
      "highlightingModeRegex": "^(Bash|Ebuild)$",
      "documentLanguageId": "ebuild",
      "initializationOptions": { "trusted": true }
    }
  }
}
`;

const VS_CODE = `{
  "ebuildAudit.root": "",
  "editor.codeActionsOnSave": { "source.fixAll.ebuildAudit": "explicit" },
  "[ebuild]": { "editor.insertSpaces": false, "editor.tabSize": 4 }
}
`;

const CONFIGS: Readonly<Record<string, EditorConfig>> = {
  neovim: { comment: '--', note: 'Neovim 0.11 or later: put this into init.lua.', text: NEOVIM },
  vim: { comment: '"', note: 'Vim with the plug-in vim-lsp: put this into .vimrc.', text: VIM },
  emacs: {
    comment: ';;',
    note: 'Emacs 29 or later, or with the package eglot: put this into init.el. M-x ebuild-audit runs a trial.',
    text: EMACS,
  },
  helix: {
    comment: '#',
    note: 'Helix 23.10 or later: put this into languages.toml. Space a lists the trial among the actions.',
    text: HELIX,
  },
  kate: {
    comment: '//',
    note: 'Kate: put this into "User Server Settings" of the LSP client, without this comment.',
    text: KATE,
  },
  vscode: { comment: '//', note: 'VS Code has an extension; these settings go well with it.', text: VS_CODE },
};

/** The editors that {@link formatEditorConfig} knows. */
export const EDITORS: readonly string[] = Object.keys(CONFIGS);

/**
 * The configuration with which an editor starts the language server for ebuilds.
 *
 * @param name one of {@link EDITORS}
 * @throws UserError that lists the editors
 */
export function formatEditorConfig(name: string): string {
  const config = Object.hasOwn(CONFIGS, name) ? CONFIGS[name] : undefined;
  if (config === undefined)
    throw new UserError(`No configuration for ${name} is known: name one of ${EDITORS.join(', ')}.`);
  const { comment, note, text } = config;
  return `${comment} ${note}\n${text}`.trimEnd();
}
