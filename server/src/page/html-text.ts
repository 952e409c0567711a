import { escapeXml } from './xml-text.ts';

/** Text that is HTML already. Only {@link html} and {@link asHtml} make it, so that a name cannot become markup by mistake. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[];

/** HTML with values: a text is escaped, for an element as for an attribute in double quotes; HTML stays as it is. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return asHtml(String.raw({ raw: parts }, ...values.map(toMarkup)));
}

/** Declares that a text is HTML. */
export const asHtml = (markup: string): Html => ({ markup });

export const NOTHING: Html = asHtml('');

function toMarkup(value: Value): string {
  if (typeof value === 'number') return `${value}`;
  if (typeof value === 'string') return escapeXml(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('\n');
}
