/** Tells the user, in one line, what is being done now. */
export type Log = (line: string) => void;
