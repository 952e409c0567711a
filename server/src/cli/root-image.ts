/** The options of a command that choose a root. */
interface RootFlags {
  readonly root: string;
  readonly bwrap?: string;
}

/** How a command finds the folder of its root, and reports that there is none. */
export interface RootImages {
  /** The folder that the image was unpacked into; a root that is no image as it is. */
  unpack(flags: RootFlags): Promise<string>;
  /** Reports why a command could not do its work. @returns the exit code */
  explain(error: unknown): number;
}

/** Makes a command with a root of one that takes only folders: an image is unpacked first, if it was not before. */
export function withRootImage<Words extends readonly unknown[], Flags extends RootFlags>(
  { unpack, explain }: RootImages,
  command: (...words: [...Words, Flags]) => Promise<number>,
): (...words: [...Words, Flags]) => Promise<number> {
  return async (...words) => {
    const flags = words.at(-1) as Flags;
    let root: string;
    try {
      root = await unpack(flags);
    } catch (error) {
      return explain(error);
    }
    return await command(...([...words.slice(0, -1), { ...flags, root }] as [...Words, Flags]));
  };
}
