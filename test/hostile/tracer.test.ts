import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials } from '../support/product.ts';
import { who } from '../support/user.ts';
import { can, type Host, openHost } from './host.ts';

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
