import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials } from '../support/product.ts';
import { isLong, who } from '../support/user.ts';
import { anyone, can, type Host, openHost } from './host.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

/** After the attack, the tracer must still see the use of zlib, which is not declared. */
const HONEST = `
	echo '#include <zlib.h>' > use.c
	gcc -c use.c || die "gcc failed"`;

const PARTS = [
  ['filters of its own', ['filters', 'undumpable']],
  ['its descriptors', ['descriptors']],
  ['calls that make no sense', ['arguments']],
  ['many processes and threads', ['storm', 'race']],
] as const;

describe.each(who)('the tracer, as %s', (as) => {
  for (const [index, [what, parts]] of PARTS.entries()) {
    // Root and an ordinary user get half each, because they only differ in who may read a process.
    if (who.length > 1 && index % 2 === (as === 'root' ? 0 : 1) && what !== 'filters of its own') continue;
    can(`goes on after an attack with ${what}`, async () => {
      const name = `tracer-${index}-${as}`;
      host.write(
        name,
        tinyEbuild(`
src_compile() {
${parts.map((part) => `\ttimeout 60 "\${FILESDIR}/confuse" ${part} </dev/null || die "hostile: ${part} ended with $?"\n\techo "hostile: tried ${part}"`).join('\n')}
${HONEST}
}`),
        { 'files/confuse': host.program('confuse') },
      );
      const { run, log } = await host.attack(as, name);
      expect(run.complaints).toEqual([]);
      expect(run.stdout, log.slice(-2000)).toMatch(/error\[missing-depend\].*zlib/);
      expect(run.status).toBe(1);
      for (const part of parts) expect(log).toContain(`hostile: tried ${part}`);
    });
  }
});

/** Ways of programs/hide.c; test/sandbox/hiding-places.test.ts tries them all. */
const FOUND = [
  ...['proc_root', 'relinked'],
  ...(isLong ? ['proc_fd_again', 'in_root_up', 'reads_by_creating', 'changes_mode'] : []),
];
const UNSEEN = ['cloned', 'by_handle', ...(isLong ? ['deep', 'newer'] : [])];

describe('a trial of a build that looks for a hidden file in a strange way', () => {
  const report = async (way: string) => {
    const name = `hide-${way.replaceAll('_', '-')}`;
    const phase = `src_compile() { "\${FILESDIR}/hide" ${way} /usr/include/zlib.h || die; }`;
    host.write(name, tinyEbuild(phase), { 'files/hide': host.program('hide') });
    const { run } = await host.attack(anyone, name, ['--quick', '--format', 'json']);
    expect(run.complaints).toEqual([]);
    return JSON.parse(run.stdout);
  };

  for (const way of FOUND)
    can(`${way} is a finding`, async () => {
      const { findings, gaps } = await report(way);
      expect(findings.map(({ code }: { code: string }) => code)).toEqual(['missing-depend']);
      expect(findings[0].message).toContain('of sys-libs/zlib');
      expect(gaps).toEqual([]);
    });

  for (const way of UNSEEN)
    can(`${way} is told as not observed`, async () => {
      expect((await report(way)).gaps).toHaveLength(1);
    });
});
