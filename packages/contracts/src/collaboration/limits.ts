/**
 * Limits of the collaboration contract.
 * @source Aliyun LTL document, section 4.2.9 (names, remarks, phase data, pages) and 4.2.6 (batches)
 */
export const collaborationLimits = {
  nameCharacters: { minimum: 2, maximum: 30 },
  remarkCharactersMax: 100,
  /** Of one text, where a UTF-16 unit beyond ASCII counts as two. */
  textBytesMax: 4096,
  batchItemsMax: 50,
  /** Data that one item refers to. */
  relatedMax: 50,
  /** Of a data key, and of a data sequence. */
  keyCharactersMax: 64,
  pageSizeMax: 100,
  /** Of a channel and of one group, whatever the caller's quota: lists and checks of names read all of them. */
  groupsMax: 10_000,
  phasesPerGroupMax: 100,
  provenanceRecordsMax: 10_000,
  /** A provenance graph ends early, incomplete, when the JSON of its records has as many bytes. */
  provenanceBytesMax: 33_554_432,
} as const;
