import { ControlConflictError, ControlUnavailableError } from "../errors.ts";

/** Primary result codes; extended codes carry them in their low byte. */
const BUSY = 5;
const IO_ERROR = 10;
const FULL = 13;
const CONSTRAINT = 19;

/** An error of SQLite in the control store's terms. One that means neither is a defect and passes as it is. */
export function fromSqliteError(error: unknown): unknown {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : Number.NaN;
  if (code === CONSTRAINT) return new ControlConflictError(error);
  return [BUSY, IO_ERROR, FULL].includes(code) ? new ControlUnavailableError(error) : error;
}
