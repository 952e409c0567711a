import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPerlPrerequisites } from '../../../server/src/trial/reading/perl-prerequisites.ts';

const read = (requires: object) =>
  readPerlPrerequisites(JSON.stringify({ prereqs: { runtime: { requires } } }));

test('MYMETA.json requires modules at run time, with the lowest version', () => {
  expect(
    read({
      'Net::SSLeay': '1.46',
      URI: '0',
      'A::B': '>= 1.2, < 2, != 1.5',
      C: 'v1.2.3',
      D: 2.5,
      E: '== 1.0',
      F: '< 2',
    }),
  ).toEqual([
    { name: 'Net::SSLeay', stated: 'Net::SSLeay (>=1.46)', atLeast: '1.46' },
    { name: 'URI', stated: 'URI' },
    { name: 'A::B', stated: 'A::B (>=1.2)', atLeast: '1.2' },
    { name: 'C', stated: 'C (>=v1.2.3)', atLeast: 'v1.2.3' },
    { name: 'D', stated: 'D (>=2.5)', atLeast: '2.5' },
    { name: 'E', stated: 'E' },
    { name: 'F', stated: 'F' },
  ]);
});

test('perl, pragmas and other phases say nothing', () => {
  expect(read({ perl: '5.008', strict: '0', 'not a name': 1 })).toEqual([]);
  const others = {
    test: { requires: { A: 0 } },
    runtime: { recommends: { B: 0 } },
    build: { requires: { C: 0 } },
  };
  expect(readPerlPrerequisites(JSON.stringify({ prereqs: others }))).toEqual([]);
});

test('any text can be read', () => {
  const json = fc.json().map((text) => `{"prereqs":{"runtime":{"requires":${text}}}}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), json), (text) => {
      for (const { name } of readPerlPrerequisites(text)) expect(name).toMatch(/^[A-Z][\w:]*$/);
    }),
  );
});

test('what Makefile.PL requires only under a condition is marked', () => {
  const script = `# Gone => 1 ? 2 : 3
WriteMakefile(
  PREREQ_PM => {
    'Always::A' => 1.46,
    Always::B => 0, # a remark
    ! %usable ? ( 'Some::A' => 0 ) : (),
    ($^O eq 'linux' ? ("Both" => 1) : ()),
    'Both' => 2,
  },
);
$prereqs{'Some::B'} = 1;
$WriteMakefileArgs{PREREQ_PM}{'Some::C'} = '0' if $x;
if ( ! eval { require Always::C } ) { warn }
`;
  const names = ['Always::A', 'Always::B', 'Always::C', 'Some::A', 'Some::B', 'Some::C', 'Both', 'Gone'];
  const text = JSON.stringify({
    prereqs: { runtime: { requires: Object.fromEntries(names.map((name) => [name, 0])) } },
  });
  const found = readPerlPrerequisites(text, script).filter(({ isConditional }) => isConditional === true);
  expect(found.map(({ name }) => name)).toEqual(['Some::A', 'Some::B', 'Some::C']);
});
