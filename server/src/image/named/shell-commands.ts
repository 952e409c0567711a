/** A program that a shell script runs. */
export interface ShellCommand {
  /** The name, or an absolute path. */
  readonly name: string;
  /** See `NamedNeed.strength`: `possible` if it is run in a branch, a loop or a function, `optional` if the script tests whether it is there. */
  readonly strength: 'required' | 'optional' | 'possible';
}

/** Limits in characters of a script and in levels of nesting. */
const LONGEST_SCRIPT = 256 * 1024;
const MOST_LEVELS = 40;

/** Words that run the command behind them. */
const PREFIXES = new Set([
  'exec',
  'command',
  'builtin',
  'nohup',
  'env',
  'nice',
  'time',
  '!',
  'then',
  'do',
  'else',
  'elif',
  '{',
]);
const OPENING = new Set(['if', 'while', 'until', 'for', 'select', 'case']);
const CLOSING = new Set(['fi', 'done', 'esac']);
const TESTS = new Set(['type', 'which', 'hash', 'whence', '[', '[[', 'test']);
/** Behind `||`, these say that the script cannot go on. */
const ENDING = /^(?:exit|return|die|err\w*|fatal|fail\w*|abort|bail|usage)$/;
const NAME = /^(?:\/[\w./+-]+|[A-Za-z_][\w.+-]*)$/;

interface Found {
  readonly name: string;
  isConditional: boolean;
  hasFallback: boolean;
}

/** A list of commands that is being read. */
interface List {
  /** Whether the whole list may not be run. */
  readonly isConditional: boolean;
  /** The words of the command so far. */
  words: string[];
  /** Branches, loops and groups that are open. */
  depth: number;
  /** Whether the command stands behind `&&` or `||`. */
  isBehind: boolean;
  /** Whether a pattern of `case` comes next. */
  isPattern: boolean;
  isFunction: boolean;
  /** The commands of this pipeline so far, and those before the `||` that stands before it. */
  pipeline: Found[];
  earlier: Found[];
}

const newList = (isConditional: boolean): List => ({
  isConditional,
  words: [],
  depth: 0,
  isBehind: false,
  isPattern: false,
  isFunction: false,
  pipeline: [],
  earlier: [],
});

const isUnsure = ({ isConditional, depth, isBehind, isFunction }: List) =>
  isConditional || depth > 0 || isBehind || isFunction;

/**
 * Lists the programs that a shell script (sh, bash, dash, ksh) names where a command stands. It reads conservatively: what it does not
 * understand is no command. Functions of the script are left out. Total, and linear but for what is nested.
 */
export function readShellCommands(text: string): ShellCommand[] {
  const script = new ShellReader(text.slice(0, LONGEST_SCRIPT));
  script.readList('', 0, false);
  const { functions, tested } = script;
  const commands = new Map<string, ShellCommand>();
  const order = ['required', 'possible', 'optional'];
  for (const { name, isConditional, hasFallback } of script.found) {
    if (functions.has(name)) continue;
    const base = name.slice(name.lastIndexOf('/') + 1);
    const isOptional = hasFallback || tested.has(name) || tested.has(base);
    const strength = isOptional ? 'optional' : isConditional ? 'possible' : 'required';
    const known = commands.get(name);
    if (known === undefined || order.indexOf(strength) < order.indexOf(known.strength))
      commands.set(name, { name, strength });
  }
  return [...commands.values()];
}

/** One pass over a script. */
class ShellReader {
  readonly found: Found[] = [];
  readonly functions = new Set<string>();
  readonly tested = new Set<string>();
  private at = 0;
  private hereEnds: string[] = [];

  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * Reads commands up to a closing character, or to the end.
   *
   * @param close `)` or a backquote, or empty
   * @param isConditional whether the whole list may not be run
   */
  readList(close: string, level: number, isConditional: boolean): void {
    const list = newList(isConditional);
    while (this.at < this.text.length) {
      const here = this.text[this.at] ?? '';
      if ((here === close || (here === ')' && close === ')')) && !list.isPattern) break;
      if (this.skipBlank(here)) continue;
      if (!this.readOperator(list, here, level)) this.readNextWord(list, level, close);
    }
    this.endCommand(list, ';');
  }

  private skipBlank(here: string): boolean {
    if (here === ' ' || here === '\t' || here === '\r') this.at++;
    else if (this.text.startsWith('\\\n', this.at)) this.at += 2;
    else if (here === '#') this.skipTo('\n');
    else return false;
    return true;
  }

  /** Reads an operator; false if a word begins here. */
  private readOperator(list: List, here: string, level: number): boolean {
    const two = this.text.slice(this.at, this.at + 2);
    if (here === '\n') {
      this.at++;
      this.endCommand(list, ';');
      this.skipHereDocuments();
    } else if (two === '&&' || two === '||' || two === ';;') {
      this.at += 2;
      this.endCommand(list, two);
      if (two === ';;') list.isPattern = true;
    } else if (here === '<' || here === '>') this.skipRedirection(level);
    else if (two === '((') this.skipTo('))', 2);
    else if (here === '(') this.readOpening(list, level);
    else if (here === ')') {
      // The end of a pattern of `case`.
      this.at++;
      list.words = [];
      list.isPattern = false;
    } else if (here === ';' || here === '|' || here === '&') {
      this.at++;
      this.endCommand(list, here);
    } else return false;
    return true;
  }

  /** Reads what begins with a bracket: the values of an array, a function, a subshell. */
  private readOpening(list: List, level: number): void {
    const isArray = this.text[this.at - 1] === '=';
    this.at++;
    if (isArray) this.skipTo(')', 1);
    else if (list.words.length === 1 && /^\s*\)/.test(this.text.slice(this.at, this.at + 8))) {
      this.functions.add(list.words[0] ?? '');
      list.words = [];
      list.isFunction = true;
      this.skipTo(')', 1);
    } else if (level < MOST_LEVELS && list.words.length === 0 && !list.isPattern) {
      this.readList(')', level + 1, isUnsure(list));
      this.at++;
    }
  }

  private readNextWord(list: List, level: number, close: string): void {
    const word = this.readWord(level, isUnsure(list), close);
    list.words.push(word);
    if (word === '{') list.earlier = [];
    if (list.isPattern) {
      if (word === 'esac' && list.words.length === 1) {
        list.isPattern = false;
        list.depth = Math.max(0, list.depth - 1);
        list.words = [];
      }
    } else if (word === 'in' && list.words[0] === 'case' && list.words.length === 3) {
      list.words = [];
      list.depth++;
      list.isPattern = true;
    } else if (list.words.length === 1 && this.isKeyword(word, list)) list.words = [];
  }

  private endCommand(list: List, operator: string): void {
    const command = this.readCommand(list);
    list.words = [];
    if (command !== undefined) {
      if (!ENDING.test(command.name)) for (const before of list.earlier) before.hasFallback = true;
      list.earlier = [];
      list.pipeline.push(command);
    }
    if (operator === '|') return;
    list.isBehind = operator === '&&' || operator === '||';
    list.earlier = operator === '||' ? list.pipeline : [];
    list.pipeline = [];
  }

  /** Takes a word that begins or ends a part of the script; says whether a command may follow it. */
  private isKeyword(word: string, list: List): boolean {
    if (word === '{') {
      list.depth++;
      return true;
    }
    if (word === '}') {
      list.depth = Math.max(0, list.depth - 1);
      list.isFunction = false;
      return true;
    }
    if (word === 'if' || word === 'while' || word === 'until') {
      list.depth++;
      return true;
    }
    if (CLOSING.has(word)) {
      list.depth = Math.max(0, list.depth - 1);
      return true;
    }
    return /^(?:then|do|else|elif|!|time)$/.test(word) || /^[A-Za-z_]\w*\+?=/.test(word);
  }

  /** Takes the words of one simple command. */
  private readCommand(list: List): Found | undefined {
    const { words } = list;
    if (words.length === 0 || list.isPattern) return undefined;
    if (words[0] === 'for' || words[0] === 'select') {
      list.depth++;
      return undefined;
    }
    if (words[0] === 'function') {
      this.functions.add(words[1] ?? '');
      list.isFunction = true;
      if (words[2] === '{') list.depth++;
      return undefined;
    }
    const isOption = (word: string) => word.startsWith('-') || /^[A-Za-z_]\w*=/.test(word);
    let index = 0;
    while (index < words.length && PREFIXES.has(words[index] ?? '')) {
      if (words[index] === 'command' && /^-\w*[vV]/.test(words[index + 1] ?? ''))
        return this.take(words.slice(index + 2));
      index++;
      while (isOption(words[index] ?? '')) index++;
    }
    const name = words[index] ?? '';
    if (TESTS.has(name)) return this.take(words.slice(index + 1));
    if (!NAME.test(name) || OPENING.has(name)) return undefined;
    const found = { name, isConditional: isUnsure(list), hasFallback: false };
    this.found.push(found);
    return found;
  }

  /** Notes the programs that a test names. */
  private take(words: readonly string[]): undefined {
    for (const word of words) if (NAME.test(word)) this.tested.add(word.slice(word.lastIndexOf('/') + 1));
    return undefined;
  }

  /** Reads one word. A word with an expansion gets a character that no name has. */
  private readWord(level: number, isConditional: boolean, close: string): string {
    const from = this.at;
    let word = '';
    let isQuoted = false;
    while (this.at < this.text.length) {
      const here = this.text[this.at] ?? '';
      if (!isQuoted && (/[\s;&|()<>]/.test(here) || here === close)) break;
      this.at++;
      if (here === '\\') word += this.text[this.at++] ?? '';
      else if (here === '"') isQuoted = !isQuoted;
      else if (here === "'" && !isQuoted) {
        const start = this.at;
        this.skipTo("'", 1);
        word += this.text.slice(start, this.at - 1);
      } else if (here === '$' || here === '`') {
        word += '$';
        this.skipExpansion(here, level, isConditional);
      } else word += here;
    }
    if (this.at === from) this.at++;
    return word;
  }

  private skipExpansion(here: string, level: number, isConditional: boolean): void {
    const next = this.text[this.at] ?? '';
    if (here === '`' || (next === '(' && this.text[this.at + 1] !== '(')) {
      if (here === '$') this.at++;
      if (level >= MOST_LEVELS) return;
      this.readList(here === '`' ? '`' : ')', level + 1, isConditional);
      this.at++;
    } else if (next === '(') this.skipTo('))', 2);
    else if (next === '{') this.skipTo('}', 1);
  }

  private skipRedirection(level: number): void {
    const [, sign = '<', end = ''] =
      /^(<<<|<<-?|[<>]+[&|(]?)[ \t]*(['"]?[\w.-]*['"]?)/.exec(this.text.slice(this.at, this.at + 100)) ?? [];
    this.at += sign.length;
    if (sign.startsWith('<<') && sign !== '<<<') {
      this.hereEnds.push(end.replace(/['"]/g, ''));
      this.skipTo(end, end.length);
      return;
    }
    // A process substitution: `<(command)`.
    if (sign.endsWith('(')) {
      if (level < MOST_LEVELS) this.readList(')', level + 1, true);
      this.at++;
      return;
    }
    while (/[ \t]/.test(this.text[this.at] ?? '')) this.at++;
    if (!/[\n;&|()]/.test(this.text[this.at] ?? '\n')) this.readWord(level, true, '');
  }

  private skipHereDocuments(): void {
    for (const end of this.hereEnds.splice(0)) {
      while (this.at < this.text.length) {
        const from = this.at;
        this.skipTo('\n', 1);
        if (this.text.slice(from, this.at).trim() === end) break;
      }
    }
  }

  /** Goes to the next place of a text, or to the end. @param past how many characters to go on behind that */
  private skipTo(wanted: string, past = 0): void {
    const found = this.text.indexOf(wanted, this.at);
    this.at = found < 0 ? this.text.length : found + past;
  }
}
