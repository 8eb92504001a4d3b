import type { CompiledOperation } from "./compile.ts";
import type { FastifyRequest } from "./server.ts";

/**
 * One way of showing who calls: what a dialect plugs in for each scheme that its documents name. `Caller` is what the dialect's
 * handlers get; `Request` what the scheme reads, for a dialect that has taken the request apart already.
 */
export interface Authenticator<Caller, Request = FastifyRequest> {
  /** For instance `basic`. */
  readonly scheme: string;
  /** Whether the request shows credentials of this scheme, good or bad. Looks at names and forms only. */
  recognizes(request: Request): boolean;
  /** Rejects with the dialect's own refusal. The operation tells whether the call changes something. */
  authenticate(request: Request, operation: CompiledOperation): Promise<Caller>;
}

/**
 * Lets the first scheme decide that recognises the request: a request with the credentials of two schemes is judged by the one that
 * stands first, and a bad one never falls through to the next.
 * @param refuse what a request without credentials gets
 */
export function authenticateBy<Caller, Request = FastifyRequest>(
  authenticators: readonly Authenticator<Caller, Request>[],
  refuse: (request: Request, operation: CompiledOperation) => Error,
): (request: Request, operation: CompiledOperation) => Promise<Caller> {
  return (request, operation) => {
    for (const authenticator of authenticators) {
      if (authenticator.recognizes(request)) return authenticator.authenticate(request, operation);
    }
    return Promise.reject(refuse(request, operation));
  };
}
