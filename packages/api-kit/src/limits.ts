/**
 * Bounds on what a request may carry. They stand here once: a dialect refuses what passes them in its vendor's error form, and none
 * raises them for itself. All of them bound memory before anything is authenticated.
 */
export const limits = {
  /** Request line and headers together. Official clients put all parameters of a POST in the query: 50 batch items need about 50 KiB. */
  headerBytesMax: 131_072,
  bodyBytesMax: 262_144,
  /** Of a form whose caller is named in the form itself: 50 batch items of 2,048 Chinese characters, nine bytes each when escaped, fit in. */
  formBodyBytesMax: 1_048_576,
  /** Of a request that shows a token, or a signature under a key that exists: read after that is known, in memory while it is verified. */
  authenticatedBodyBytesMax: 12 * 1024 * 1024,
  /** Of an operation that takes a file: read, a few at a time, after the caller is recognised. Base64 leaves 72 MiB to the file. */
  fileBodyBytesMax: 96 * 1024 * 1024,
  /** Such bodies that one dialect reads at the same time; further ones are refused. */
  fileBodiesAtOnceMax: 2,
  /** A batch of 50 items that are spread over parameters, two related records with each, stays under it. */
  parameterCountMax: 1_024,
  parameterNameBytesMax: 256,
  /** After decoding. A batch of 50 items of 2,048 Chinese characters, each with its key and sequence, stays under it. */
  parameterValueBytesMax: 393_216,
  pathParameterBytesMax: 512,
  idempotencyKeyBytesMax: 255,
  /** Of a list in parameters whose schema names no other number. */
  listItemsMax: 1_000,
  /** A client that sends its request more slowly than this is cut off. */
  requestTimeoutMs: 30_000,
} as const;
