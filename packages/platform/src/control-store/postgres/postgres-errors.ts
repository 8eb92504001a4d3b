import { ControlConflictError, ControlUnavailableError } from "../errors.ts";

/**
 * SQLSTATE codes and classes by which a server says that it cannot go on now: connection exceptions, no resources, shutting down or
 * starting up, serialization and deadlock (another try may pass), a statement or lock that took too long, a standby that takes no writes.
 */
const UNAVAILABLE = /^(08|53|57P|58)|^(40001|40P01|57014|55P03|25006|25P03)$/;

/** SQLSTATE class 23: a unique key, a reference or a check was violated. */
const CONFLICT = /^23/;

/** An error of the driver in the control store's terms. One that means neither is a defect and passes as it is. */
export function fromPostgresError(error: unknown): unknown {
  const state = sqlStateOf(error);
  if (state === undefined) return isOfConnection(error) ? new ControlUnavailableError(error) : error;
  if (CONFLICT.test(state)) return new ControlConflictError(error);
  return UNAVAILABLE.test(state) ? new ControlUnavailableError(error) : error;
}

/** Only the server's own errors have a severity beside their code. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("severity" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What the driver itself throws is of the connection: cut, refused, too slow. Wrong use of the language is not. */
function isOfConnection(error: unknown): boolean {
  const isDefect = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
  return error instanceof Error && !isDefect;
}
