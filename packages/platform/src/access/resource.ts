/** What an action is asked about. */
export interface Resource {
  /** For instance `user`, `instance`, `certificate`, `job`; `installation` for what belongs to no tenant. */
  readonly kind: string;
  /** Left out for lists and for what is yet to be made. */
  readonly id?: string;
  /** Null for the installation itself. */
  readonly tenantId: string | null;
  readonly projectId?: string;
  /** Left out: the resource is in no enterprise project, or may be in any. */
  readonly enterpriseProjectId?: string;
  /** The uid whose identity or credential this is: users look after their own without a grant. */
  readonly ownerUid?: string;
  /** Of a business chain: the code that the record would carry. */
  readonly dataTypeCode?: string;
}
