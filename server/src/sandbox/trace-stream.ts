import { decodePath } from '../files/path-bytes.ts';
import type { ConnectEvent, LookUpResult, NamedPath, Operation, TraceEvent } from '../trace/event.ts';
import { LIMIT_NAMES } from './limits.ts';
import type { SandboxLimits } from './sandbox.ts';

/** A step of the helper that failed; docs/trace-format.md lists the steps. `errno` is the kernel's number, 0 if there is none. */
export interface FailureFrame {
  readonly kind: 'failure';
  readonly step: string;
  readonly errno: number;
  readonly detail: string;
}

/** Reports that the sandbox is complete and that the command has been started in it. */
export interface ReadyFrame {
  readonly kind: 'ready';
  /** Whether `killed` follows if somebody outside the sandbox kills a process of it. */
  readonly seesDeaths: boolean;
}

/** Reports that the run is being ended because it exceeded a limit; an `end` follows. */
export interface ExceededFrame {
  readonly kind: 'exceeded';
  readonly limit: keyof SandboxLimits;
}

export type TraceFrame = TraceEvent | FailureFrame | ReadyFrame | ExceededFrame;

/** The frames of a chunk of the stream. After an `error` the decoder ignores all input. */
export interface Decoded {
  readonly frames: readonly TraceFrame[];
  readonly error?: string;
}

export interface TraceDecoder {
  /** Takes the next bytes, which may end inside a frame. Never throws. */
  push(chunk: Uint8Array): Decoded;
  /** Ends the stream. An `error` says that it ended inside a frame or before its header. */
  end(): Decoded;
}

const HEADER = Uint8Array.of(0x45, 0x41, 0x54, 0x52, 2, 0, 0, 0);
const MOST_FRAME_BYTES = 1 << 18;
/** The number of paths that the helper can name by a number, and their greatest length; the same as in server/native/base/stream.h. */
const PATH_SLOTS = 16384;
const SLOT_BYTES = 180;
/** Special lengths: the path is in a slot already, and the path is to be stored in a slot. */
const KNOWN_PATH = 0xffff;
const KEPT_PATH = 0xfffe;
const NO_HOPS: readonly string[] = [];

const OPERATIONS: readonly (Operation | undefined)[] = [
  undefined,
  'open',
  'stat',
  'access',
  'readlink',
  'write',
  'rename',
  'link',
  'unlink',
  'mkdir',
  'symlink',
  'readdir',
  'chdir',
  'attributes',
];
const RESULTS: readonly (LookUpResult | undefined)[] = ['unknown', 'missing', 'file', 'folder'];
const FAMILIES: readonly (ConnectEvent['family'] | undefined)[] = [
  undefined,
  'unix',
  'abstract',
  'inet',
  'inet6',
  'other',
];

/** Reads fields from one frame at a time. Reading past its end, or from an empty slot, sets `bad` instead of throwing. */
class Reader {
  #at = 0;
  #end = 0;
  #bytes: Buffer = Buffer.alloc(0);
  readonly #slots: string[] = [];
  bad = false;
  begin(bytes: Buffer, at: number, end: number): void {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.bad = false;
  }
  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#end) this.bad = true;
    else this.#at += length;
    return at;
  }
  u8(): number {
    const at = this.#take(1);
    return this.bad ? 0 : (this.#bytes[at] as number);
  }
  u16(): number {
    const at = this.#take(2);
    return this.bad ? 0 : this.#bytes.readUInt16LE(at);
  }
  u32(): number {
    const at = this.#take(4);
    return this.bad ? 0 : this.#bytes.readUInt32LE(at);
  }
  #bytesAsText(length: number): string {
    const at = this.#take(length);
    if (this.bad) return '';
    const quick = this.#bytes.toString('utf8', at, at + length);
    return quick.includes('\ufffd') ? decodePath(this.#bytes.subarray(at, at + length)) : quick;
  }
  text(): string {
    return this.#bytesAsText(this.u16());
  }
  path(): string {
    const length = this.u16();
    if (length < KEPT_PATH) return this.#bytesAsText(length);
    const slot = this.u16();
    if (length === KNOWN_PATH) {
      const known = this.#slots[slot];
      if (known === undefined) this.bad = true;
      return known ?? '';
    }
    const size = this.u16();
    const text = this.#bytesAsText(size);
    if (slot >= PATH_SLOTS || size > SLOT_BYTES) this.bad = true;
    if (!this.bad) this.#slots[slot] = text;
    return text;
  }
  list<Item>(count: number, read: () => Item): Item[] {
    const items: Item[] = [];
    for (let i = 0; i < count && !this.bad; i++) items.push(read());
    return items;
  }
  hops(): readonly string[] {
    const count = this.u8();
    return count === 0 ? NO_HOPS : this.list(count, () => this.path());
  }
  named(): NamedPath {
    const path = this.path();
    return { path, hops: this.hops() };
  }
  get whole(): boolean {
    return !this.bad && this.#at === this.#end;
  }
}

function readExec(r: Reader): TraceFrame {
  const serial = r.u32();
  const found = r.u8() !== 0;
  const { path, hops } = r.named();
  const argv = r.list(r.u16(), () => r.text());
  const interpreters = r.list(r.u8(), () => r.named());
  const loader = r.named();
  const exec = { kind: 'exec', serial, path, hops, argv, interpreters, found } as const;
  return loader.path === '' ? exec : { ...exec, loader };
}

function readAccess(r: Reader): TraceFrame | undefined {
  const serial = r.u32();
  const operation = OPERATIONS[r.u8()];
  const result = RESULTS[r.u8()];
  if (operation === undefined || result === undefined) return undefined;
  const path = r.path();
  const hops = r.hops();
  const access = { kind: 'access', serial, operation, path, hops, result } as const;
  return operation === 'rename' || operation === 'link' || operation === 'symlink'
    ? { ...access, to: r.path() }
    : access;
}

function readConnect(r: Reader): TraceFrame | undefined {
  const serial = r.u32();
  const operation = r.u8() === 0 ? 'connect' : 'send';
  const family = FAMILIES[r.u8()];
  const port = r.u16();
  return family && { kind: 'connect', serial, operation, family, port, ...r.named() };
}

function readBody(type: number, r: Reader): TraceFrame | undefined {
  switch (type) {
    case 1:
      return { kind: 'process', serial: r.u32(), parent: r.u32(), pid: r.u32() };
    case 2:
      return readExec(r);
    case 3:
      return readAccess(r);
    case 4:
      return { kind: 'gap', serial: r.u32(), reason: r.text() };
    case 5:
      return { kind: 'end', status: r.u32() };
    case 6:
      return { kind: 'failure', step: r.text(), errno: r.u32(), detail: r.text() };
    case 7:
      return { kind: 'ready', seesDeaths: r.u8() !== 0 };
    case 8: {
      const name = r.text();
      const limit = LIMIT_NAMES.find((known) => known === name);
      return limit && { kind: 'exceeded', limit };
    }
    case 9:
      return { kind: 'exited', serial: r.u32() };
    case 10:
      return readConnect(r);
    case 11:
      return { kind: 'killed', serial: r.u32(), signal: r.u8() };
    default:
      return undefined;
  }
}

/** Decodes the helper's event stream (docs/trace-format.md) from chunks of any size. */
export function createTraceDecoder(): TraceDecoder {
  let rest: Buffer = Buffer.alloc(0);
  const reader = new Reader();
  let headerSeen = false;
  let error: string | undefined;

  function decode(chunk: Buffer): { frames: TraceFrame[]; used: number } {
    const frames: TraceFrame[] = [];
    let at = 0;
    if (!headerSeen) {
      if (chunk.length < HEADER.length) return { frames, used: 0 };
      if (!chunk.subarray(0, HEADER.length).equals(HEADER)) {
        error = 'the trace does not begin with the header of format 2: rebuild the helper';
        return { frames, used: 0 };
      }
      headerSeen = true;
      at = HEADER.length;
    }
    while (chunk.length - at >= 4) {
      const length = chunk.readUInt32LE(at);
      if (length < 1 || length > MOST_FRAME_BYTES) {
        error = `the trace holds a frame of ${length} bytes`;
        break;
      }
      if (chunk.length - at - 4 < length) break;
      const type = chunk.readUInt8(at + 4);
      reader.begin(chunk, at + 5, at + 4 + length);
      const frame = readBody(type, reader);
      if (!frame || !reader.whole) {
        error = `the trace holds a damaged frame of type ${type}`;
        break;
      }
      frames.push(frame);
      at += 4 + length;
    }
    return { frames, used: at };
  }

  function result(frames: readonly TraceFrame[]): Decoded {
    return error === undefined ? { frames } : { frames, error };
  }

  return {
    push(chunk) {
      if (error !== undefined) return result([]);
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const whole = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const { frames, used } = decode(whole);
      rest = Buffer.from(whole.subarray(used));
      return result(frames);
    },
    end() {
      if (error === undefined && !headerSeen) error = 'the trace ended before its header';
      else if (error === undefined && rest.length > 0) error = 'the trace ended within a frame';
      return result([]);
    },
  };
}
