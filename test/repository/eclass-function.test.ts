import { expect, test } from 'vitest';
import { findFunctionRunning } from '../../server/src/repository/eclass-function.ts';

const ECLASS = `# scanelf is named in a comment
inherit toolchain-funcs
SCANNER=scanelf
_first() {
	# scanelf
	einfo "my-scanelf" /opt/scanelf
}
check_linked() {
	local found
	found=$(scanelf -q "\${1}") || die
}
other() { scanelf; }
`;

test('the function of an eclass that runs a program is the first that names it as a word', () => {
  expect(findFunctionRunning(ECLASS, 'scanelf')).toBe('check_linked');
  expect(findFunctionRunning(ECLASS, 'scan')).toBeUndefined();
  expect(findFunctionRunning(ECLASS, 'c++')).toBeUndefined();
});
