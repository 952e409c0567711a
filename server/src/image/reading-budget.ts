/** Reports that the reading of a file or an image has used up its budget. */
export class BudgetSpent extends Error {}

/** What reading may cost. */
export interface ReadingLimits {
  /** Bytes that are read and unpacked. */
  readonly bytes: number;
  /** Parts: files and folders of an image, members of archives, sections of ELF files. */
  readonly parts: number;
  readonly milliseconds: number;
}

/** Counts what reading costs. Each function throws {@link BudgetSpent} if that is more than the limits allow. */
export interface ReadingBudget {
  takeBytes(count: number): void;
  takePart(): void;
  /** A smaller budget for one piece of work, whose costs count here too. */
  within(limits: ReadingLimits): ReadingBudget;
  /** Whether nothing more can be read. */
  isSpent(): boolean;
}

/** @param now milliseconds of a clock that never goes back */
export function createReadingBudget(
  limits: ReadingLimits,
  now: () => number = () => performance.now(),
  outer?: ReadingBudget,
): ReadingBudget {
  let { bytes, parts } = limits;
  const end = now() + limits.milliseconds;
  const budget: ReadingBudget = {
    takeBytes(count) {
      // What is refused costs nothing, so one file that claims too much leaves room for the others.
      if (count > bytes || now() > end) throw new BudgetSpent();
      outer?.takeBytes(count);
      bytes -= count;
    },
    takePart() {
      if (parts === 0) throw new BudgetSpent();
      outer?.takePart();
      parts -= 1;
    },
    within: (inner) => createReadingBudget(inner, now, budget),
    isSpent: () => parts === 0 || now() > end,
  };
  return budget;
}
