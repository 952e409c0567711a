/** `node scripts/run.mjs l10n`: writes l10n/bundle.l10n.json, from which a translation begins. A test fails if it is out of date. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { collectSentences, formatBundle } from './l10n-sentences.ts';

mkdirSync('l10n', { recursive: true });
writeFileSync('l10n/bundle.l10n.json', formatBundle(collectSentences()));
