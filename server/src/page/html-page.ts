/** The frame of a page that needs neither a network nor a script. */
import { PROJECT } from '../audit/finding-address.ts';
import { PRODUCT_VERSION } from '../host/product-version.ts';
import { policyFor, STYLE } from './html-style.ts';
import { asHtml, type Html, html } from './html-text.ts';

/** @param style what stands after {@link STYLE}, such as the colours of an editor */
export function formatPage(title: string, body: Html, style = ''): string {
  const whole = `${STYLE}${style}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(whole)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title} – Ebuild Audit</title>
<style>${asHtml(whole)}</style>
</head>
<body>
${body}
</body>
</html>`.markup;
}

/** @param now milliseconds since the epoch */
export function formatFooter(now: number): Html {
  return html`<footer><p>Written by <a href="${PROJECT}">Ebuild Audit</a> ${PRODUCT_VERSION}, ${new Date(now).toISOString()}.</p></footer>`;
}
