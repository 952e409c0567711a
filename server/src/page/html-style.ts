import { createHash } from 'node:crypto';

/**
 * The style of the page. Each pair of colours has at least the contrast of WCAG 2.2 AA (4.5:1 for text), which a test with axe checks in both
 * schemes. Dark colours are for screens only, so that a print is dark on white.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --text: #1c1c1c; --soft: #595959; --rule: #c4c4c4; --panel: #f6f6f6; --link: #0b57d0;
  --error: #b3261e; --warning: #7a4f00; --information: #0b57d0; --hint: #5f4b8b; --good: #1a6e2e;
  --added: #14532d; --added-back: #e6f4ea; --removed: #7f1d1d; --removed-back: #fce8e6;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --back: #121212; --text: #e6e6e6; --soft: #b0b0b0; --rule: #4a4a4a; --panel: #1d1d1d; --link: #8ab4f8;
    --error: #ff8a80; --warning: #ffcc66; --information: #8ab4f8; --hint: #c5b3ff; --good: #81c995;
    --added: #b7f0c6; --added-back: #12351f; --removed: #ffc9c4; --removed-back: #3d1513;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
a, code, h1, h2, p, li { overflow-wrap: anywhere; }
header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; } h3 { font-size: 1rem; margin: 0; } h4 { font-size: 1rem; margin: 1rem 0 .25rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code, pre, text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .875em; }
pre code { font-size: 1em; }
section > h3 { margin-top: 1.5rem; }
.counts { font-weight: 600; }
.soft, .legend, footer, figcaption { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { border: 1px solid var(--rule); padding: .25rem .5rem; text-align: left; vertical-align: top; font-weight: normal; }
thead th { background: var(--panel); font-weight: 600; }
td.number { text-align: right; }
article { border: 1px solid var(--rule); border-left-width: .35rem; border-radius: .25rem; padding: .75rem 1rem; margin: 1rem 0; }
article > :last-child { margin-bottom: 0; }
article.error { border-left-color: var(--error); } article.warning { border-left-color: var(--warning); }
article.information { border-left-color: var(--information); } article.hint { border-left-color: var(--hint); }
article:target { outline: 3px solid var(--link); }
.severity { font-weight: 700; }
.severity.error, .bad { color: var(--error); } .severity.warning { color: var(--warning); }
.severity.information { color: var(--information); } .severity.hint { color: var(--hint); } .good { color: var(--good); }
.message { margin: .5rem 0; }
.chain { margin: .25rem 0; padding-left: 1.5rem; } .chain .kind { color: var(--soft); }
.diff { background: var(--panel); border: 1px solid var(--rule); margin: .25rem 0 1rem; padding: .5rem; white-space: pre-wrap; tab-size: 4; }
.diff ins, .diff del { display: block; text-decoration: none; }
.diff ins { color: var(--added); background: var(--added-back); } .diff del { color: var(--removed); background: var(--removed-back); }
.diff .place { color: var(--soft); }
summary { cursor: pointer; padding: .25rem 0; }
.graph { overflow-x: auto; margin: .5rem 0; padding: .25rem; }
svg text { font-size: 13px; text-anchor: middle; fill: var(--text); }
svg rect, svg g path { fill: var(--panel); stroke: var(--soft); stroke-width: 1.5; }
svg g.ebuild rect { stroke: var(--text); stroke-width: 2.5; }
svg g.missing path { stroke: var(--error); stroke-width: 2.5; } svg g.missing text { fill: var(--error); font-weight: 700; }
svg g.not-installed rect { stroke: var(--warning); stroke-dasharray: 5 3; } svg g.not-installed text { fill: var(--warning); }
svg g.through rect { stroke: var(--information); }
svg.times text { text-anchor: start; }
svg.times rect { stroke: var(--text); stroke-width: 1; }
svg rect.build { fill: var(--information); } svg rect.comparison { fill: var(--hint); fill-opacity: .55; }
svg rect.state { fill: var(--warning); fill-opacity: .7; } svg rect.record { fill: var(--good); }
td.bar { width: 40%; vertical-align: middle; }
td.bar svg { display: block; width: 100%; height: .8rem; } td.bar rect { fill: var(--information); stroke: none; } td.bar rect.missing { fill: var(--error); }
svg .line { fill: none; stroke: var(--soft); stroke-width: 1.2; }
svg .line.missing { stroke: var(--error); stroke-width: 2; stroke-dasharray: 6 3; }
.legend span { display: inline-block; border: 1.5px solid var(--soft); border-radius: 3px; padding: 0 .5rem; margin: 0 .5rem .25rem 0; }
.legend .missing { border: 2.5px solid var(--error); color: var(--error); font-weight: 700; }
.legend .not-installed { border: 1.5px dashed var(--warning); color: var(--warning); }
.legend .through { border-color: var(--information); border-radius: 1rem; }
.legend .build, .legend .comparison, .legend .state, .legend .record { border-left-width: .9rem; }
.legend .build { border-left-color: var(--information); } .legend .comparison { border-left-color: var(--hint); }
.legend .state { border-left-color: var(--warning); } .legend .record { border-left-color: var(--good); }
footer { margin-top: 3rem; padding-bottom: 2rem; border-top: 1px solid var(--rule); }
@media screen and (max-width: 40rem) {
  table { font-size: .8rem; } th, td { padding: .2rem; }
}
@media print {
  body { font-size: 10pt; } a { color: inherit; }
  details::details-content { content-visibility: visible; block-size: auto; }
  article, tr, svg { break-inside: avoid; } h2, h3, h4 { break-after: avoid; }
  .graph { overflow: visible; } svg { max-width: 100%; height: auto; }
}
`;

/**
 * The colours of the theme in a tab of VS Code, which gives them as variables to the page. What a theme leaves out keeps the colour of {@link
 * STYLE}, for the light or the dark kind of theme and not for that of the desktop.
 */
export const EDITOR_STYLE = `
body.vscode-light, body.vscode-high-contrast-light {
  color-scheme: light;
  --soft: var(--vscode-descriptionForeground, #595959); --rule: var(--vscode-panel-border, #c4c4c4); --panel: var(--vscode-textCodeBlock-background, #f6f6f6);
  --link: var(--vscode-textLink-foreground, #0b57d0); --error: var(--vscode-errorForeground, #b3261e); --warning: #7a4f00; --information: #0b57d0;
  --hint: #5f4b8b; --good: #1a6e2e; --added: #14532d; --added-back: #e6f4ea; --removed: #7f1d1d; --removed-back: #fce8e6;
}
body.vscode-dark, body.vscode-high-contrast:not(.vscode-high-contrast-light) {
  color-scheme: dark;
  --soft: var(--vscode-descriptionForeground, #b0b0b0); --rule: var(--vscode-panel-border, #4a4a4a); --panel: var(--vscode-textCodeBlock-background, #1d1d1d);
  --link: var(--vscode-textLink-foreground, #8ab4f8); --error: var(--vscode-errorForeground, #ff8a80); --warning: #ffcc66; --information: #8ab4f8;
  --hint: #c5b3ff; --good: #81c995; --added: #b7f0c6; --added-back: #12351f; --removed: #ffc9c4; --removed-back: #3d1513;
}
body[class*="vscode-"] {
  --back: var(--vscode-editor-background); --text: var(--vscode-editor-foreground);
  background: var(--back); color: var(--text); font-family: var(--vscode-font-family, system-ui, sans-serif); font-size: 1rem; padding: 0;
}
body.vscode-high-contrast, body.vscode-high-contrast-light { --rule: var(--vscode-contrastBorder, currentColor); }
body[class*="vscode-"] :focus-visible { outline-color: var(--vscode-focusBorder, var(--link)); }
body[class*="vscode-"] code, body[class*="vscode-"] pre { color: inherit; background: none; font-family: var(--vscode-editor-font-family, monospace); }
body[class*="vscode-"] .diff { background: var(--panel); }
`;

/** The policy of a page: no network, no script, no form, and no other style than its own. */
export function policyFor(style: string): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
