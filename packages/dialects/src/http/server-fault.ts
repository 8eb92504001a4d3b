/** A refusal of the HTTP server itself, before a handler ran. */
export type ServerFault = "body-too-large" | "media-type" | "malformed";

/** Undefined for everything else. */
export function serverFaultOf(error: unknown): ServerFault | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  if (error.statusCode === 413) return "body-too-large";
  if (error.statusCode === 415) return "media-type";
  return error.statusCode >= 400 && error.statusCode < 500 ? "malformed" : undefined;
}

/** Whole seconds for Retry-After, at least one. */
export function retryAfterSeconds(facts: { readonly [name: string]: unknown }): string {
  const { retryAfterMs } = facts;
  return String(Math.max(1, Math.ceil((typeof retryAfterMs === "number" ? retryAfterMs : 1_000) / 1_000)));
}
