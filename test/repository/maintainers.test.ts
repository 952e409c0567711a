import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOBODY, parseMaintainers } from '../../server/src/repository/maintainers.ts';

describe('the maintainers in metadata.xml', () => {
  test('are their addresses in lower case, each once', () => {
    const text = `<?xml version="1.0"?><pkgmetadata>
<maintainer type="person"><email>Larry@Example.org</email><name>Larry</name></maintainer>
<maintainer type="project"><email> cow&amp;co@example.org </email></maintainer>
<maintainer type="person"><email>larry@example.org</email></maintainer>
<maintainer type="person"><name>Without an address</name></maintainer>
<upstream><maintainer><email>up@example.org</email></maintainer></upstream>
<email>nobody@example.org</email></pkgmetadata>`;
    expect(parseMaintainers(text)).toEqual(['larry@example.org', 'cow&co@example.org']);
  });

  test('are nobody in particular if there is none', () => {
    expect(parseMaintainers('')).toEqual([NOBODY]);
    expect(parseMaintainers('<pkgmetadata/>')).toEqual([NOBODY]);
  });

  test('are read from whatever stands there', () => {
    const part = fc.constantFrom(
      '<maintainer>',
      '</maintainer>',
      '<email>',
      '</email>',
      '<email/>',
      'a',
      '&#0;',
      '<',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect(parseMaintainers(parts.join('')).length).toBeGreaterThan(0);
      }),
    );
  });
});
