/** A list of 32-bit numbers that grows. */
export interface Growable {
  /** The numbers, with unused space after them. Each `push` may replace the array. */
  readonly array: Uint32Array;
  readonly length: number;
  /** The last value, or 0. */
  readonly last: number;
  push(value: number): void;
  /** The numbers without unused space. */
  finish(): Uint32Array;
}

export function growable(): Growable {
  let array = new Uint32Array(1024);
  let length = 0;
  return {
    get array() {
      return array;
    },
    get length() {
      return length;
    },
    get last() {
      return length === 0 ? 0 : (array[length - 1] as number);
    },
    push(value) {
      if (length === array.length) {
        const larger = new Uint32Array(length * 2);
        larger.set(array);
        array = larger;
      }
      array[length++] = value;
    },
    finish: () => array.slice(0, length),
  };
}
