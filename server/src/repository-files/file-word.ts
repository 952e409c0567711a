import type { Place } from '../language/place.ts';
import type { TextRange } from '../pms/text-range.ts';

/** What the author points at in a file of a repository. The range is that of the word. */
export type FileWord =
  | Place
  | (TextRange &
      (
        | {
            /** A file that a Manifest says is fetched. */
            readonly kind: 'distfile';
            readonly name: string;
            /** In bytes; undefined if the line does not say it. */
            readonly size: bigint | undefined;
          }
        /** A file in the folder of the package. */
        | { readonly kind: 'file'; readonly path: string }
        /** The folder of another profile, from the folder of the file that names it. */
        | { readonly kind: 'profile'; readonly path: string }
      ));
