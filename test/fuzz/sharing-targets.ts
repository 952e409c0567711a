import { readEntries } from '../../server/src/sharing/action-result.ts';
import { readEnvelope } from '../../server/src/sharing/envelope.ts';
import { readPublicKey } from '../../server/src/sharing/keys.ts';
import { KeyProblem, readOpensshPrivate } from '../../server/src/sharing/openssh-key.ts';
import { parsePolicy } from '../../server/src/sharing/policy.ts';
import { dropSettings } from '../../server/src/sharing/read-configuration.ts';
import { readStatement } from '../../server/src/sharing/statement.ts';
import { judge, makeBuilder, makePayload, signedBy } from '../sharing/made-records.ts';
import { RICH } from '../sharing/rich-record.ts';
import type { FuzzTarget } from './target.ts';

const PAYLOAD = makePayload(RICH);
const LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJJ5+GTMbew0mhmn3WlW2ROC1F2tJB+kckwO35X+7pY+ c';
const POLICY = JSON.stringify({ format: 1, level: 'any', keys: [{ name: 'alice', key: LINE }] });
const WORDS = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  'null',
  'true',
  '1e999',
  '__proto__',
  '\\u0000',
  '-----BEGIN ',
];

/** What other builders, stores and policies bring. */
export const SHARING_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'readStatement',
    seeds: [PAYLOAD.toString()],
    words: WORDS,
    run(text) {
      const read = readStatement(Buffer.from(text));
      if ('problem' in read) return;
      judge(read.record);
      if (read.record.log !== '') throw new Error('a foreign record has a path of this machine');
    },
  },
  {
    name: 'readEnvelope',
    seeds: [signedBy(Buffer.from('a statement'), makeBuilder('alice')).toString()],
    words: WORDS,
    run: (text) => void readEnvelope(Buffer.from(text)),
  },
  { name: 'parsePolicy', seeds: [POLICY], words: WORDS, run: (text) => void parsePolicy(text) },
  {
    name: 'readPublicKey, readOpensshPrivate',
    seeds: [
      LINE,
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n',
    ],
    words: ['ssh-ed25519 ', '-----BEGIN PUBLIC KEY-----', '-----BEGIN OPENSSH PRIVATE KEY-----', '=', 'AAAA'],
    run(text) {
      for (const read of [readPublicKey, readOpensshPrivate])
        try {
          read(text);
        } catch (error) {
          if (!(error instanceof KeyProblem)) throw error;
        }
    },
  },
  {
    name: 'readEntries, dropSettings',
    seeds: ['\x12\x02\x0a\x00', 'MAKEOPTS="-j2\n"\nUSE="x"\n'],
    words: ['\x12', '\x80', '\xff', 'MAKEOPTS=', '"', "'"],
    run(text) {
      for (const { hash } of readEntries(Buffer.from(text, 'latin1')) ?? [])
        if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('an entry has no hash');
      if (dropSettings(text, /^MAKEOPTS=/).length > text.length) throw new Error('a text grows');
    },
  },
];
