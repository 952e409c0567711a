import type { Operation, TraceEvent } from './event.ts';
import { decodePath } from './path-bytes.ts';

/** A step of the helper that failed; docs/trace-format.md lists the steps. `errno` is the kernel's number, 0 if there is none. */
export interface FailureFrame {
  readonly kind: 'failure';
  readonly step: string;
  readonly errno: number;
  readonly detail: string;
}

/** The sandbox stands and the command has been started in it. */
export interface ReadyFrame {
  readonly kind: 'ready';
}

export type TraceFrame = TraceEvent | FailureFrame | ReadyFrame;

/** What a chunk of the stream held. After an `error` the decoder takes nothing more. */
export interface Decoded {
  readonly frames: readonly TraceFrame[];
  readonly error?: string;
}

export interface TraceDecoder {
  /** Takes the next bytes, cut anywhere. Never throws. */
  push(chunk: Uint8Array): Decoded;
  /** The stream has ended; an `error` tells that it was cut within a frame or before its header. */
  end(): Decoded;
}

const HEADER = Uint8Array.of(0x45, 0x41, 0x54, 0x52, 1, 0, 0, 0);
const MOST_FRAME_BYTES = 1 << 17;
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
];

/** Reads fields from one frame; reading past the end is remembered instead of thrown. */
class Reader {
  #at = 0;
  readonly #bytes: Buffer;
  bad = false;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) this.bad = true;
    else this.#at += length;
    return at;
  }
  u8(): number {
    const at = this.#take(1);
    return this.bad ? 0 : this.#bytes.readUInt8(at);
  }
  u16(): number {
    const at = this.#take(2);
    return this.bad ? 0 : this.#bytes.readUInt16LE(at);
  }
  u32(): number {
    const at = this.#take(4);
    return this.bad ? 0 : this.#bytes.readUInt32LE(at);
  }
  text(): string {
    const length = this.u16();
    const at = this.#take(length);
    return this.bad ? '' : decodePath(this.#bytes.subarray(at, at + length));
  }
  texts(count: number): string[] {
    const list: string[] = [];
    for (let i = 0; i < count && !this.bad; i++) list.push(this.text());
    return list;
  }
  get whole(): boolean {
    return !this.bad && this.#at === this.#bytes.length;
  }
}

function readBody(type: number, r: Reader): TraceFrame | undefined {
  switch (type) {
    case 1:
      return { kind: 'process', serial: r.u32(), parent: r.u32(), pid: r.u32() };
    case 2: {
      const serial = r.u32();
      const found = r.u8() !== 0;
      const path = r.text();
      const argv = r.texts(r.u16());
      return { kind: 'exec', serial, path, argv, interpreters: r.texts(r.u8()), found };
    }
    case 3: {
      const serial = r.u32();
      const operation = OPERATIONS[r.u8()];
      return operation && { kind: 'access', serial, operation, path: r.text() };
    }
    case 4:
      return { kind: 'gap', serial: r.u32(), reason: r.text() };
    case 5:
      return { kind: 'end', status: r.u32() };
    case 6:
      return { kind: 'failure', step: r.text(), errno: r.u32(), detail: r.text() };
    case 7:
      return { kind: 'ready' };
    default:
      return undefined;
  }
}

/** Decodes the helper's event stream (docs/trace-format.md) from chunks of any size. */
export function createTraceDecoder(): TraceDecoder {
  let rest: Buffer = Buffer.alloc(0);
  let headerSeen = false;
  let error: string | undefined;

  function decode(chunk: Buffer): { frames: TraceFrame[]; used: number } {
    const frames: TraceFrame[] = [];
    let at = 0;
    if (!headerSeen) {
      if (chunk.length < HEADER.length) return { frames, used: 0 };
      if (!chunk.subarray(0, HEADER.length).equals(HEADER)) {
        error = 'the trace does not begin with the header of format 1: rebuild the helper';
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
      const reader = new Reader(chunk.subarray(at + 5, at + 4 + length));
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
