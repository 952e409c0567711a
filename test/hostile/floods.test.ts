/**
 * Builds that use up every resource. Each limit is small here; even without a limit, none of these floods takes more
 * than a few hundred MiB.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials } from '../support/product.ts';
import { who } from '../support/user.ts';
import { anyone, can, type Host, openHost } from './host.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

const compile = (code: string) => tinyEbuild(`src_compile() {\n${code}\n}`);

/** The flooded resource, the limit, and the file that shows that the flood has begun. */
const FLOODS: readonly (readonly [what: string, limit: string, ebuild: string])[] = [
  [
    'processes',
    'processes=150',
    compile(
      '\tulimit -u 3000\n\tbomb() { for i in {1..20}; do ( [[ $1 == 0 ]] || bomb $(( $1 - 1 )); sleep 30 ) & done; wait; }\n\tbomb 1',
    ),
  ],
  ['memory', 'memory=192M', compile('\thead -c 700M /dev/zero | tail')],
  [
    'memory of folders',
    'memory=192M',
    compile('\tfor d in /tmp /var/tmp /dev/shm; do dd if=/dev/zero of=${d}/fill bs=1M count=250; done'),
  ],
  [
    'disk',
    'disk=48M',
    compile('\tfor i in {1..20}; do dd if=/dev/zero of=fill-${i} bs=1M count=20; done; sleep 30'),
  ],
  [
    'files',
    'files=3000',
    compile('\tmkdir -p {1..100} && for i in {1..100}; do touch ${i}/{1..300}; done; sleep 30'),
  ],
  ['output', 'output=1M', compile('\tyes hostile | head -c 200000000; sleep 30')],
  ['time', 'time=12s', compile('\ttrap "" TERM INT HUP; kill -STOP "${PPID}"; while :; do :; done')],
  ['time of global scope', 'time=4s', tinyEbuild('', { head: 'while :; do :; done' })],
  [
    'output of global scope',
    'output=1M',
    tinyEbuild('', { head: 'for i in {1..20000}; do printf "%01000d" 0 >&2; done; while :; do :; done' }),
  ],
];

describe('a flood', () => {
  for (const [index, [what, limit, ebuild]] of FLOODS.entries()) {
    // The available cgroup depends on the user.
    const as = who[index % who.length] ?? 'user';
    can(`of ${what}, as ${as}, ends with a sentence that names the limit`, async () => {
      const name = `flood-of-${what.replaceAll(' ', '-')}`;
      host.write(name, ebuild);
      const { run } = await host.attack(as, name, ['--limit', limit]);
      expect(run.status, run.stdout).toBe(2);
      const [sentence = '', ...more] = run.complaints;
      expect(more).toEqual([]);
      expect(sentence).toContain(limit.split('=')[0]);
      expect(sentence).toMatch(/limit/);
      expect(sentence).toMatch(/^ebuild-audit: .*[.)]$/);
    });
  }
});

/** An ELF file that consists of tables: each of its entries names a string as long as the file. */
function elfBomb(): Buffer {
  const size = 4 * 1024 * 1024;
  const bytes = Buffer.alloc(size, 0x41);
  bytes.write('\x7fELF', 0, 'latin1');
  bytes.set([2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 4);
  bytes.writeUInt16LE(3, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(3, 56);
  const segment = (index: number, type: number, offset: number, length: number) => {
    const at = 64 + index * 56;
    bytes.writeUInt32LE(type, at);
    for (const [place, value] of [
      [8, offset],
      [16, offset],
      [32, length],
    ] as const)
      bytes.writeBigUInt64LE(BigInt(value), at + place);
  };
  const dynamic = 4096;
  const entries = 60_000;
  segment(0, 1, 0, size);
  segment(1, 2, dynamic, entries * 16);
  segment(2, 3, 2 * 1024 * 1024, size);
  bytes.writeBigUInt64LE(5n, dynamic);
  bytes.writeBigUInt64LE(BigInt(2 * 1024 * 1024), dynamic + 8);
  for (let index = 1; index < entries; index++) {
    bytes.writeBigUInt64LE(1n, dynamic + index * 16);
    bytes.writeBigUInt64LE(BigInt(index), dynamic + index * 16 + 8);
  }
  bytes[size - 1] = 0;
  return bytes;
}

describe('an image', () => {
  can('of damaged, huge and hostile files is read in time and memory', async () => {
    host.write(
      'elf',
      tinyEbuild(`
src_install() {
	mkdir -p "\${D}/usr/bin" "\${D}/usr/lib/pkgconfig" || die
	cp "\${FILESDIR}/bomb" "\${D}/usr/bin/bomb" || die
	for size in 1 4 51 52 63 64 100 119 200; do head -c \${size} /bin/true > "\${D}/usr/bin/cut-\${size}" || die; done
	cp /bin/true "\${D}/usr/bin/large" && truncate -s 1900M "\${D}/usr/bin/large" || einfo "no sparse file"
	for i in {1..5}; do cp "\${D}/usr/bin/large" "\${D}/usr/bin/large-\${i}" --sparse=always; done
	printf 'Name: a\\nDescription: a\\nVersion: 1\\nRequires: b\\n' > "\${D}/usr/lib/pkgconfig/a.pc"
	printf 'Name: b\\nDescription: b\\nVersion: 1\\nRequires: a\\n' > "\${D}/usr/lib/pkgconfig/b.pc"
	printf '%s' 'prefix=\${prefix}\${prefix}' > "\${D}/usr/lib/pkgconfig/c.pc"
}`),
      { 'files/bomb': elfBomb() },
    );
    const peak = host.programPath('peak');
    const { run } = await host.attack(anyone, 'elf', [], { wrap: [peak] });
    expect(run.status, run.stderr).not.toBeNull();
    expect(run.complaints.filter((line) => !line.startsWith('peak '))).toEqual([]);
    const memory = Number(/^peak (\d+)$/m.exec(run.stderr)?.[1]);
    expect(memory).toBeGreaterThan(0);
    expect(memory).toBeLessThan(600 * 1024);
  });
});
