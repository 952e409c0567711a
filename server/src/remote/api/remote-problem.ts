/** A server that cannot do something. The message is a clause that begins with the server. */
export class RemoteProblem extends Error {
  override readonly name = 'RemoteProblem';
  /** The status of gRPC. */
  readonly code: number;
  /** Whether the same request may succeed later. */
  readonly isPassing: boolean;

  constructor(code: number, clause: string, isPassing: boolean) {
    super(clause);
    this.code = code;
    this.isPassing = isPassing;
  }
}
