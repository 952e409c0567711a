/** The forms of a review against published schemas and by the tools of their makers. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RDFormatValidator } from '@umbrelladocs/rdformat-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatRdjson } from '../../server/src/cli/report/rdjson-report.ts';
import { formatSarif } from '../../server/src/cli/report/sarif-report.ts';
import { requireOrSkip } from '../support/requirement.ts';
import {
  hostileReview,
  MISSING,
  makeEbuild,
  makeReview,
  makeSide,
  SETTING,
  TEXT,
  UNUSED,
} from './made-review.ts';

const FAILED = makeSide(TEXT, { outcome: 'failed', failure: { phase: 'compile', firstError: 'a < b' } });
const REVIEW = makeReview(
  [
    makeEbuild({ added: [MISSING, UNUSED], fixed: [UNUSED], unchanged: [MISSING] }),
    makeEbuild({ path: 'a/b c/b-1.ebuild', from: undefined, after: FAILED, isJudged: false }),
  ],
  { removed: 1 },
);

const MULTITOOL = 'node_modules/@microsoft/sarif-multitool-linux';

describe('SARIF', () => {
  const schema = JSON.parse(readFileSync(join(MULTITOOL, 'sarif-2.1.0.json'), 'utf8'));
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  const problems = (sarif: string) => {
    check(JSON.parse(sarif));
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };

  test('is what the schema says, whatever an ebuild is called', () => {
    expect(problems(formatSarif(REVIEW, SETTING))).toEqual([]);
    expect(problems(formatSarif(makeReview([]), SETTING))).toEqual([]);
    fc.assert(
      fc.property(hostileReview, (review) => {
        expect(problems(formatSarif(review, SETTING))).toEqual([]);
      }),
    );
  });

  test('is refused by the schema if a key or a value is another one', () => {
    const sarif = formatSarif(REVIEW, SETTING);
    expect(problems(sarif.replace('"ruleIndex"', '"ruleIndexx"'))).not.toEqual([]);
    expect(problems(sarif.replace('"level": "error"', '"level": "bad"'))).not.toEqual([]);
  });

  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sarif-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The errors and warnings of the tool for a file of each text. */
  function runTool(texts: readonly string[]): readonly string[] {
    const program = join(MULTITOOL, 'Sarif.Multitool');
    // Its package does this when it is installed, and install scripts are not run.
    chmodSync(program, 0o755);
    const files = texts.map((text, at) => {
      const file = join(folder, `${at}.sarif`);
      writeFileSync(file, text);
      return file;
    });
    const report = join(folder, 'report.sarif');
    const words = ['validate', ...files, '--rule-kind', 'Sarif;Gh', '-o', report, '--log', 'ForceOverwrite'];
    // It asks for every address of a document; there is nothing behind this proxy.
    const proxy = 'http://127.0.0.1:9';
    const { stdout } = spawnSync(program, words, {
      encoding: 'utf8',
      env: { ...process.env, HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy },
    });
    expect(stdout).toContain(`${files.length} files scanned`);
    const { results } = JSON.parse(readFileSync(report, 'utf8')).runs[0];
    return results.map(
      ({ ruleId, level = 'warning' }: { ruleId: string; level?: string }) => `${level} ${ruleId}`,
    );
  }

  requireOrSkip(findMissing())(
    'passes the rules of SARIF Multitool, also those of GitHub',
    () => {
      const hostile = fc.sample(hostileReview, { numRuns: 5, seed: 1 });
      const sarif = [REVIEW, makeReview([]), ...hostile].map((review) => formatSarif(review, SETTING));
      expect(runTool(sarif)).toEqual([]);
      const broken = sarif[0]?.replace('"ruleId": "missing-depend"', '"ruleId": ""') ?? '';
      expect(runTool([broken, broken.replace('"startLine": 2', '"startLine": 0')])).toContain(
        'error SARIF1007',
      );
    },
    60_000,
  );
});

function findMissing(): string | undefined {
  if (!existsSync(join(MULTITOOL, 'Sarif.Multitool'))) return 'SARIF Multitool is not installed (npm ci)';
  const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
  return machine === 'x86_64' ? undefined : 'SARIF Multitool runs only on x86_64';
}

describe('rdjson', () => {
  const validator = new RDFormatValidator({ strictMode: true, allowExtraFields: false });
  const problems = async (rdjson: string) => (await validator.validateString(rdjson)).errors;

  test("passes the validator of reviewdog's format, whatever an ebuild is called", async () => {
    expect(await problems(formatRdjson(REVIEW, SETTING))).toEqual([]);
    expect(await problems(formatRdjson(makeReview([]), SETTING))).toEqual([]);
    await fc.assert(
      fc.asyncProperty(hostileReview, async (review) => {
        expect(await problems(formatRdjson(review, SETTING))).toEqual([]);
      }),
    );
  });

  test('is refused by it if a key or a value is another one', async () => {
    const rdjson = formatRdjson(REVIEW, SETTING);
    expect(await problems(rdjson.replace('"location"', '"locations"'))).not.toEqual([]);
    expect(await problems(rdjson.replace('"ERROR"', '"BAD"'))).not.toEqual([]);
  });
});
