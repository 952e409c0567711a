/** The languages whose modules name others. */
export type ModuleLanguage = 'python' | 'perl' | 'ruby';

/** A module that a file loads whenever it is loaded itself. */
export interface Load {
  /**
   * As the finding names it and the root is searched for it: `yaml`, `JSON::XS`, `nokogiri/xml`. The first that is found counts, as for
   * `from google import protobuf`: `google`, `google.protobuf`.
   */
  readonly wanted: readonly string[];
  /**
   * Where it may be, without the ending: `a/b/c`, below any folder of modules, or an absolute path. All that the image has of them are loaded.
   */
  readonly places: readonly string[];
  /** Whether only the image itself can have it, as with `from . import x`. */
  readonly isOwn?: true;
}

/** What a file of a script language says when it is loaded. */
export interface SourceFile {
  readonly loads: readonly Load[];
  /** Namespaces with versions, such as `Gtk-3.0`, that it asks GObject introspection for. */
  readonly namespaces: readonly string[];
}

export const NOTHING_LOADED: SourceFile = { loads: [], namespaces: [] };

/** Limit in loads of one file. */
export const MOST_LOADS = 1000;
