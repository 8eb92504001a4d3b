/** Facts that an error carries for programs: plain data, never a secret. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface ConcordatErrorOptions<Code extends string> {
  /** Stable, upper-case with underscores; programs match on it, never on the text. */
  readonly code: Code;
  /** One short sentence saying what happened. */
  readonly summary: string;
  /** What the reader can do about it. */
  readonly remedy?: string;
  readonly facts?: ErrorFacts;
  readonly cause?: unknown;
}

/**
 * Base of every refusal that Concordat can give. A refusal is an expected answer to bad input or a bad
 * environment; a broken invariant is an {@link InvariantError} instead.
 */
export class ConcordatError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly remedy: string | undefined;
  readonly facts: ErrorFacts;

  constructor(options: ConcordatErrorOptions<Code>) {
    super(options.summary, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.remedy = options.remedy;
    this.facts = options.facts ?? {};
  }
}

/** A state that the program's own logic rules out. Nothing catches it to go on: the process or the channel stops. */
export class InvariantError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "InvariantError";
  }
}

export function isConcordatError<Code extends string>(error: unknown, code?: Code): error is ConcordatError<Code> {
  return error instanceof ConcordatError && (code === undefined || error.code === code);
}
