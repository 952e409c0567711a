/**
 * Dates, times and names of temporary files differ between two builds of the same thing. They do not depend on the visible packages, so
 * they are replaced before images are compared.
 */

const MONTH =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)';
const WEEKDAY = '(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?';
const CLOCK =
  '\\d{1,2}:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?(?: ?[AP]M)?(?: ?(?:UTC|GMT|Z|[+-]\\d\\d:?\\d\\d))?';

const NOISE = new RegExp(
  [
    // 2026-11-21, 2026/11/21 11:27, 2026-11-21T11:27:24Z
    `\\b\\d{4}[-/]\\d\\d[-/]\\d\\d(?:[T ]${CLOCK})?`,
    // Sat Nov 21 11:27:24 UTC 2026 as date(1) has it, Nov 21 2026 as __DATE__ has it, November 21, 2026
    `\\b${WEEKDAY}${MONTH} {1,2}\\d{1,2},? (?:${CLOCK} )?\\d{4}\\b(?: ${CLOCK})?`,
    // Sat, 21 Nov 2026 11:27:24 +0000, 21 November 2026
    `\\b${WEEKDAY}\\d{1,2}[- ]${MONTH}[- ,]{1,2}\\d{4}(?: ${CLOCK})?`,
    // November 2026, in manual pages
    `\\b${MONTH},? \\d{4}\\b`,
    // 11:27:24 as __TIME__ has it
    '\\b\\d\\d:\\d\\d:\\d\\d\\b',
    // Seconds since the epoch, from 2001 to 2033
    '(?<![\\w.])1\\d{9}(?![\\w])',
    // The first name below a folder for temporary files
    '/tmp/[\\w.+-]+',
  ].join('|'),
  'g',
);

/** Replaces dates, times and temporary names by one mark. @param text with one character for each byte */
export function withoutBuildNoise(text: string): string {
  return text.replace(NOISE, '@');
}
