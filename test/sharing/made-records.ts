import { generateKeyPairSync } from 'node:crypto';
import type { Verdict } from '../../server/src/audit/finding.ts';
import { judge as judgeRecord } from '../../server/src/audit/judge.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { sha256 } from '../../server/src/sharing/canonical-json.ts';
import { writeEnvelope } from '../../server/src/sharing/envelope.ts';
import type { SigningKey } from '../../server/src/sharing/keys.ts';
import type { MachineNames } from '../../server/src/sharing/machine-names.ts';
import { fingerprintKey } from '../../server/src/sharing/openssh-key.ts';
import type { Policy, PolicyKey } from '../../server/src/sharing/policy.ts';
import type { PortableBasis, PortableInputs } from '../../server/src/sharing/portable-inputs.ts';
import { writeStatement } from '../../server/src/sharing/statement.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';

export const NO_NAMES: MachineNames = { folders: [], words: [] };
export const TEXT = 'EAPI=8\nSLOT=0\nDEPEND="sys-libs/zlib"\n';
export const IMAGE = 'ab'.repeat(32);
const digest = (character: string) => character.repeat(64);

export const judge = (record: TrialRecord): Verdict => judgeRecord(record, parseEbuild(record.text, bash));

export interface Builder {
  readonly signing: SigningKey;
  readonly trusted: PolicyKey;
}

/** A builder with a key of its own. */
export function makeBuilder(name: string): Builder {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const id = fingerprintKey(publicKey);
  return { signing: { key: privateKey, id }, trusted: { name, key: publicKey, id } };
}

export const policyOf = (level: Policy['level'], ...builders: readonly Builder[]): Policy => ({
  level,
  keys: builders.map(({ trusted }) => trusted),
});

export const ZLIB = {
  id: 'sys-libs/zlib-1.3',
  slot: '0/1',
  use: ['minizip'],
  files: digest('a'),
  roles: ['full declared'],
};

export function makeInputs(change: Partial<PortableInputs> = {}): PortableInputs {
  return {
    question: {
      category: 'media-gfx',
      packageAndVersion: 'foo-1',
      repository: 'overlay',
      text: sha256(TEXT),
      packageManager: 'portage 3.0',
      product: '0.1.0',
      recordFormat: 11,
    },
    extent: { quick: false, matrix: 'none' },
    folder: [{ name: 'files/foo.patch', digest: digest('b') }],
    eclasses: [{ name: 'gentoo:cmake', digest: digest('c') }],
    distfiles: [{ name: 'foo-1.tar.gz', digest: `BLAKE2B ${digest('d')}` }],
    configuration: [{ name: '/etc/portage/make.conf', digest: digest('e') }],
    packages: [ZLIB],
    system: { digest: digest('f'), packages: [] },
    ...change,
  };
}

export const BASIS: PortableBasis = {
  inherited: ['cmake'],
  distfiles: ['foo-1.tar.gz'],
  states: [['amd64']],
  dependencies: { ...NOTHING_DECLARED, DEPEND: 'sys-libs/zlib' },
  system: ['sys-apps/coreutils'],
  programs: ['sys-apps/portage-3.0'],
  probed: [],
  packages: 'visible',
  named: { owners: [], unowned: ['/etc/ld.so.conf'], absent: ['<gentoo>/metadata/x'], listed: ['/usr/lib'] },
};

export function makePayload(
  record: Partial<TrialRecord> = {},
  inputs: Partial<PortableInputs> = {},
  names = NO_NAMES,
): Buffer {
  const whole = makeRecord(TEXT, {
    evaluated: { ...NOTHING_DECLARED, DEPEND: 'sys-libs/zlib' },
    image: IMAGE,
    ...record,
  });
  const packages = whole.needs.length > 0 ? 'all' : 'visible';
  return writeStatement({
    record: whole,
    judge,
    inputs: makeInputs(inputs),
    basis: { ...BASIS, packages },
    names,
  });
}

/** An envelope that builders signed. */
export const signedBy = (payload: Buffer, ...builders: readonly Builder[]): Buffer =>
  Buffer.from(
    writeEnvelope(
      payload,
      builders.map(({ signing }) => signing),
    ),
  );
