/** What an answer puts on the wire beside the dialect's own envelope. */
export interface WireAnswer {
  /** JSON value of the answer's data part. */
  readonly data: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An operation's output as it travels. `decode` is the client's side and inverts `encode`. */
export interface OutputCodec<Output> {
  encode(output: Output): WireAnswer;
  decode(answer: WireAnswer): Output;
}

/** The output is the data, as it is. */
export function asJson<Output>(headers?: Readonly<Record<string, string>>): OutputCodec<Output> {
  return {
    encode: (output) => (headers === undefined ? { data: output } : { data: output, headers }),
    // The client checks the answer against the output schema before it uses it.
    decode: (answer) => answer.data as Output,
  };
}
