/**
 * Limits of the evidence contract.
 * @source Aliyun LTL document, section 4.2.6 (value and batch sizes) and 4.2.8.10 (history queries)
 */
export const evidenceLimits = {
  /** UTF-8 bytes of one value, whether it stands alone or in a batch. */
  valueBytesMax: 256,
  batchItemsMax: 50,
  /**
   * UTF-8 bytes of a whole batch as it was submitted. Above the largest batch that follows the other limits (each byte
   * of a value may be written as a six-byte escape), so that only padding is ever refused by it.
   */
  batchTextBytesMax: 131_072,
  historyWindowMsMax: 30 * 24 * 3_600_000,
  /** Rows that a history query without times may cover. */
  unwindowedRowsMax: 500,
  pageSizeMax: 100,
  /** Records that one look-up by digest answers, by ascending key. */
  digestRecordsMax: 100,
} as const;
