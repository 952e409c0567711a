import { describe, expect, test } from 'vitest';
import { createEstimate } from '../../server/src/sweep/estimate.ts';

const HOUR = 3_600_000;

describe('the estimate of a sweep', () => {
  test('is what was planned before the first trial has ended', () => {
    expect(createEstimate(1, [HOUR, HOUR]).read(0)).toEqual({ perHour: undefined, left: 2 * HOUR });
    expect(createEstimate(4, [HOUR, HOUR]).read(0)).toEqual({ perHour: undefined, left: HOUR });
    expect(createEstimate(1, []).read(0)).toEqual({ perHour: undefined, left: 0 });
  });

  test('follows what was measured: trials that take half as long leave half of the time', () => {
    const estimate = createEstimate(
      1,
      Array.from({ length: 100 }, () => HOUR),
    );
    for (let ended = 0; ended < 50; ended++) estimate.note(HOUR, HOUR / 2);
    const { perHour, left } = estimate.read(25 * HOUR);
    expect(perHour).toBe(2);
    expect(left / HOUR).toBeCloseTo(25, 0);
  });

  test('is not misled by one record that answers at once', () => {
    const estimate = createEstimate(
      1,
      Array.from({ length: 1000 }, () => HOUR),
    );
    estimate.note(HOUR, 10);
    expect(estimate.read(10).left / HOUR).toBeGreaterThan(800);
  });

  test('shares the rest among the workers, but no trial among several', () => {
    const estimate = createEstimate(
      100,
      Array.from({ length: 101 }, () => HOUR),
    );
    for (let ended = 0; ended < 100; ended++) estimate.note(HOUR, HOUR);
    expect(estimate.read(HOUR).left).toBeCloseTo(HOUR);
    estimate.note(HOUR, HOUR);
    expect(estimate.read(2 * HOUR)).toEqual({ perHour: 50.5, left: 0 });
  });
});
