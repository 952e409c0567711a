import { seal, unseal } from '../../server/src/host/sealed-value.ts';
import { decodeManifest } from '../../server/src/trial/builder/snapshots/manifest.ts';
import { decodeRecord } from '../../server/src/trial/records/record-file.ts';
import type { FuzzTarget } from './target.ts';

const SEALED = seal('record', 7, { question: { file: '/x/x-1.ebuild' }, record: { outcome: 'passed' } });

/** Files of the state folder. Another program may have cut or changed them. One character is one byte. */
export const STORED_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'decodeRecord, decodeManifest',
    seeds: [SEALED.toString('latin1'), seal('snapshot', 7, { named: {} }).toString('latin1')],
    words: ['ebuild-audit record 7 ', 'ebuild-audit snapshot 7 ', '\n', '{', '}', '"', '0'.repeat(64)],
    run(text) {
      const bytes = Buffer.from(text, 'latin1');
      const record = decodeRecord(bytes);
      // Only what has the right digest is whole, and another text than the one above cannot have it by chance.
      if (record.kind === 'whole' && !bytes.equals(SEALED)) throw new Error('a changed record is believed');
      decodeManifest(bytes);
      const again = unseal('text', 1, seal('text', 1, text));
      if (again.kind !== 'whole' || again.value !== text) throw new Error('a sealed text is another one');
    },
  },
];
