/** The reason why an image is not unpacked; `message` is a clause about the image, and `remedy` an imperative. Both are without a full stop. */
export class RefusedImage extends Error {
  override readonly name = 'RefusedImage';
  readonly remedy: string;

  constructor(reason: string, remedy = 'unpack it yourself, and name the folder as the root') {
    super(reason);
    this.remedy = remedy;
  }
}
