import { digestOf } from './digest.ts';

/** The name of the folder of a review. @param top the clone @param number distinguishes reviews of the clone at the same time */
export function nameReview(top: string, number: number): string {
  return `${digestOf(top).slice(0, 16)}-${number}`;
}

const OF_REVIEW = /\/reviews\/[0-9a-f]{16}-\d+\//;

/**
 * Whether a path of this machine is in the folder of a review. Each review of a commit writes its files anew, with times that follow from their
 * contents, so that the same files have other inodes.
 */
export function isOfReview(path: string): boolean {
  return OF_REVIEW.test(path);
}
