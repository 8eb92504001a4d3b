/** Bounds that callers of the platform may want to know beforehand, for a schema or a page of help. The platform keeps them. */
export const platformLimits = {
  /** Rows that one page of chains, members, device groups, devices, phase groups or phases lists. @source LTL document, section 4.2.7.2 (Size) */
  chainPageSizeMax: 100,
  /** Rows that one page of tenants, projects, users, groups, policies, grants, device products or device identities lists. */
  listPageSizeMax: 1_000,
  /** Entries that one page of the audit trail lists. */
  auditPageSizeMax: 100,
  /** Jobs that one page lists, and that one call deletes. @source BCS document, sections 2.5.2.2 and 2.5.2.3 */
  jobPageSizeMax: 100,
  /**
   * How a channel may cut blocks. A writer on a channel that does not cut when idle waits up to `timeoutMs`, so it stays below the time
   * that HTTP clients wait; a block stays small enough to be held in memory many times over.
   */
  blockCutting: {
    messageCountMax: { minimum: 1, maximum: 10_000 },
    bytesMax: { minimum: 1_024, maximum: 16_777_216 },
    timeoutMs: { minimum: 1, maximum: 60_000 },
  },
  /** Quotas of a chain. */
  chainQuotas: {
    countQuota: 1_000_000_000_000_000,
    capacityQuotaBytes: 1_000_000_000_000_000,
    memberQuota: 1_000_000,
    /** These two are the bounds of the collaboration contract. */
    phaseGroupQuota: 10_000,
    phaseQuota: 100,
  },
  devices: {
    /** Identities of the installation: all are in memory. */
    identities: 100_000,
    /** Identities that one call makes. */
    provisionedAtOnce: 1_000,
  },
  /** Nodes that one provenance graph shows. */
  provenanceNodesMax: 10_000,
  /** Embedded networks. Nodes are the installation's: each is a listener of its own. */
  networks: {
    perProject: 20,
    organizations: 16,
    peersPerOrganization: 5,
    orderers: 5,
    nodes: 200,
    channelsPerNetwork: 100,
    /** Of one call of a contract, names and values together. */
    callBytes: 8 * 1024 * 1024,
    callArguments: 1_000,
    packageBytes: 64 * 1024 * 1024,
    logLines: 10_000,
  },
} as const;
