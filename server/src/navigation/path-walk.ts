import type { Tree } from 'web-tree-sitter';

/** A node around a place. */
export interface Step {
  readonly type: string;
  readonly startIndex: number;
  readonly endIndex: number;
}

/** Goes through a tree once, from place to place in the order of the text, so that many places cost no more than the nodes of the tree. */
export interface PathWalk {
  /** The nodes around an offset, outermost first, without the whole text. The offset is not before that of the last call. */
  pathTo(offset: number): readonly Step[];
  /** Frees memory that is not garbage-collected. */
  close(): void;
}

/** A step of the walk. */
interface WalkedStep extends Step {
  /** Whether all its children end before the place that is searched. */
  isDone: boolean;
}

/** Deeper nodes are not looked at. The deepest of ebuilds and eclasses is at 40. */
const DEEPEST = 200;

export function walkPaths(tree: Tree): PathWalk {
  const cursor = tree.walk();
  /** The cursor is at the last of these, else at the whole text. The last may begin after the place. */
  const path: WalkedStep[] = [];
  let isRootDone = false;

  /** Moves on among siblings to the first that ends after the offset, and notes it. The cursor is at a sibling, and without success at their parent. */
  const scan = (offset: number): boolean => {
    let endIndex = cursor.endIndex;
    while (endIndex <= offset) {
      if (!cursor.gotoNextSibling()) {
        cursor.gotoParent();
        const parent = path.at(-1);
        if (parent === undefined) isRootDone = true;
        else parent.isDone = true;
        return false;
      }
      endIndex = cursor.endIndex;
    }
    path.push({ type: cursor.nodeType, startIndex: cursor.startIndex, endIndex, isDone: false });
    return true;
  };

  return {
    pathTo(offset) {
      while ((path.at(-1)?.endIndex ?? offset + 1) <= offset) {
        path.pop();
        scan(offset);
      }
      for (;;) {
        const last = path.at(-1);
        if (path.length >= DEEPEST || (last?.isDone ?? isRootDone)) break;
        if (last !== undefined && last.startIndex > offset) break;
        if (!cursor.gotoFirstChild() || !scan(offset)) break;
      }
      const isAhead = (path.at(-1)?.startIndex ?? offset) > offset;
      return isAhead ? path.slice(0, -1) : path.slice();
    },
    close: () => cursor.delete(),
  };
}
