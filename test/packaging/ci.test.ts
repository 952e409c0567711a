/** The templates for CI, with a real clone and stand-ins for the programs of the container. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createRepository, missingGit, PROFILE, type TestRepository } from '../review/git-repository.ts';
import { requireOrSkip } from '../support/requirement.ts';

const FOLDER = resolve('packaging/ci');
const can = requireOrSkip(missingGit);

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly Step[]; readonly permissions?: unknown }>
  >;
}

const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const workflow = (name: string) => parse(read(name)) as Workflow;
const stepsOf = (name: string) => Object.values(workflow(name).jobs).flatMap(({ steps }) => steps);

describe('the half that runs the pull request', () => {
  test.each(['github-review.yml', 'forgejo-review.yml'])('%s has no secrets, and keeps no token', (name) => {
    const { on, jobs } = workflow(name);
    expect(Object.keys(on)).toEqual(['pull_request']);
    expect(read(name)).not.toMatch(/secrets\.\w|github\.token|GITHUB_TOKEN/);
    expect(Object.values(jobs).map(({ permissions }) => permissions)).toEqual([undefined]);
    const checkouts = stepsOf(name).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.map((step) => step.with)).toEqual([{ 'fetch-depth': 0, 'persist-credentials': false }]);
  });

  test('may only read on GitHub', () => {
    expect(workflow('github-review.yml').permissions).toEqual({ contents: 'read' });
  });
});

test('the half that comments checks nothing out, and puts no word of the event into a command', () => {
  const name = 'github-comment.yml';
  expect(Object.keys(workflow(name).on)).toEqual(['workflow_run']);
  expect(workflow(name).permissions).toEqual({ actions: 'read', 'pull-requests': 'write' });
  const steps = stepsOf(name);
  expect(steps.filter(({ uses }) => uses?.startsWith('actions/checkout'))).toEqual([]);
  for (const { run = '' } of steps) expect(run).not.toContain('${{');
});

test('no command of a template has an expression in it, which the event could fill', () => {
  for (const name of readdirSync(FOLDER).filter(
    (file) => file.endsWith('-review.yml') && !file.startsWith('gitlab'),
  ))
    for (const { run = '' } of stepsOf(name)) expect(run).not.toContain('${{');
});

test('GitLab shows the JUnit report', () => {
  const job = (parse(read('gitlab-review.yml')) as Record<string, { artifacts: unknown }>)['ebuild-review'];
  expect(job?.artifacts).toMatchObject({ when: 'always', reports: { junit: 'review/review.xml' } });
});

describe('the scripts', () => {
  let repository: TestRepository;
  let place: string;
  beforeEach(() => {
    if (missingGit !== undefined) return;
    repository = createRepository();
    place = mkdtempSync(join(tmpdir(), 'ebuild-audit-ci-'));
    mkdirSync(join(place, 'bin'));
    for (const name of ['ebuild', 'emerge']) standIn(name, 'exit 1');
    standIn(
      'ebuild-audit',
      'git status --porcelain; echo "the review"; for word; do [[ ${word} != *=* ]] || touch "${word#*=}"; done; exit "${REVIEW_STATUS:-0}"',
    );
  });
  afterEach(() => {
    repository?.remove();
    if (place !== undefined) rmSync(place, { recursive: true });
  });

  /** A program that writes down its arguments, one line each, and does something. */
  function standIn(name: string, then: string): void {
    const file = join(place, 'bin', name);
    writeFileSync(file, `#!/bin/bash\necho "${name}" "\${@@Q}" >>${place}/calls\n${then}\n`);
    chmodSync(file, 0o755);
  }

  function run(script: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const { status, stdout, stderr } = spawnSync(join(FOLDER, script), args, {
      cwd: repository.top,
      encoding: 'utf8',
      env: {
        HOME: place,
        PATH: `${place}/bin:${process.env.PATH}`,
        PORTAGE_CONFIGROOT: place,
        ...environment,
      },
    });
    const calls = existsSync(join(place, 'calls')) ? readFileSync(join(place, 'calls'), 'utf8') : '';
    return { status, stdout, stderr, calls: calls.replaceAll("'", '').trim().split('\n') };
  }

  can('review a change, say what cannot be had, and write every form', () => {
    repository.commit({ ...PROFILE, 'dev-test/old/old-1.ebuild': '' });
    repository.git('branch', 'base');
    repository.commit({
      'dev-test/foo/foo-1.ebuild': '',
      'dev-test/foo/metadata.xml': '',
      'dev-test/old/old-1.ebuild': undefined,
    });
    const out = join(repository.top, 'out');
    const { status, stdout, stderr, calls } = run('review-change', ['base', out], {
      REVIEW_STATUS: '1',
      EBUILD_AUDIT_OPTIONS: '--quick --jobs 2',
    });
    expect([status, stdout]).toEqual([1, 'the review\n']);
    expect(stderr).toContain('The distfiles of dev-test/foo/foo-1.ebuild cannot be fetched.');
    expect(stderr).toContain('The dependencies of =dev-test/foo-1::tiny cannot be installed.');
    expect(calls.slice(0, 3)).toEqual([
      'ebuild ./dev-test/foo/foo-1.ebuild fetch',
      expect.stringMatching(/^emerge .* =dev-test\/foo-1::tiny$/),
      expect.stringMatching(
        /^ebuild-audit review base\.\.\. --quick --jobs 2 --report markdown=\S+\/review\.md --report html=\S+\.html --report json=/,
      ),
    ]);
    expect(calls.length).toBe(3);
    expect(readdirSync(out).sort()).toEqual(
      ['html', 'json', 'md', 'sarif', 'txt', 'xml'].map((form) => `review.${form}`).concat('status'),
    );
    expect(readFileSync(join(out, 'status'), 'utf8')).toBe('1\n');
    expect(readFileSync(join(place, 'etc/portage/repos.conf/reviewed.conf'), 'utf8')).toBe(
      `[tiny]\nlocation = ${repository.top}\nauto-sync = no\n`,
    );
  });

  can('take no name of a file or of the repository for anything else', () => {
    repository.commit(PROFILE);
    repository.git('branch', 'base');
    repository.commit({ 'dev-test/a b;c/a b;c-1.ebuild': '', '-x/y/$(touch hit)-1.ebuild': '' });
    const { status, calls } = run('review-change', ['base', join(place, 'out')]);
    expect(status).toBe(0);
    expect(calls).toContain('ebuild ./dev-test/a b;c/a b;c-1.ebuild fetch');
    expect(calls).toContain('ebuild ./-x/y/$(touch hit)-1.ebuild fetch');
    expect(existsSync(join(repository.top, 'hit'))).toBe(false);
    repository.commit({ 'profiles/repo_name': 'x]\nlocation = /\n' });
    const named = run('review-change', ['base', join(place, 'out')]);
    expect([named.status, named.stderr]).toEqual([2, expect.stringContaining('has no name of a repository')]);
  });

  for (const [review, status] of [
    ['1', 1],
    ['0', 0],
    ['2', 0],
  ] as const)
    can(`as a hook: a review with status ${review} ends with ${status}`, () => {
      repository.commit({ ...PROFILE, 'dev-test/foo/foo-1.ebuild': '' });
      expect(run('pre-commit', []).calls).toEqual(['']);
      repository.write({ 'dev-test/foo/foo-1.ebuild': 'DEPEND=""\n' });
      const hook = run('pre-commit', [], { REVIEW_STATUS: review, GIT_INDEX_FILE: '/nowhere' });
      expect([hook.status, hook.calls]).toEqual([status, ['ebuild-audit review HEAD --quick']]);
    });
});
