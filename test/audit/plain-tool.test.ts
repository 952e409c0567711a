import { expect, test } from 'vitest';
import { judge } from '../../server/src/audit/judge.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { Incident } from '../../server/src/trace/evidence.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { evidence } from './observed.ts';

const ran = (name: string): Incident => ({
  kind: 'plain-tool',
  evidence: { ...evidence, operation: 'execute', result: 'seen', path: `/usr/bin/${name}` },
});

function messagesOf(text: string, ...names: readonly string[]): string[] {
  const record = makeRecord(text, { incidents: names.map(ran) });
  const { findings } = judge(record, parseEbuild(text, bash));
  return findings.map(({ severity, message }) => `${severity}: ${message}`);
}

test('a hint names the variables of the tools that make ran by their plain names', () => {
  expect(messagesOf('EAPI=8\n', 'pkg-config', 'cc', 'gcc')).toEqual([
    'hint: Inherit toolchain-funcs, call tc-export CC PKG_CONFIG, and let the Makefile use $(CC), $(PKG_CONFIG): make runs cc and gcc and pkg-config by their plain names and not by those of CHOST.',
  ]);
  expect(messagesOf('EAPI=8\n', 'ar')).toEqual([
    'hint: Inherit toolchain-funcs, call tc-export AR, and let the Makefile use $(AR): make runs ar by its plain name and not by that of CHOST.',
  ]);
});

test.each([
  'inherit toolchain-funcs\n',
  'inherit autotools\n',
  'inherit ${OTHER}\n',
  'src_compile() {\n\temake CC="${CHOST}-gcc"\n}\n',
  'src_configure() {\n\teconf\n}\n',
])('an ebuild that may choose its tools gets no hint: %j', (text) => {
  expect(messagesOf(`EAPI=8\n${text}`, 'cc')).toEqual([]);
});
