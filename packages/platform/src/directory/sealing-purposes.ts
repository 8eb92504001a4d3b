/** The place that each sealed secret belongs to: an envelope moved elsewhere does not open. */
export const sealingPurposes = {
  accessKeySecret: (accessKeyId: string) => `access-key/${accessKeyId}/secret`,
  principalKey: (uid: string) => `principal/${uid}/private-key`,
  organizationKey: (mspId: string, key: "ca" | "tls-ca" | "admin" | "checkpoint" | "sm-checkpoint") =>
    `organization/${mspId}/${key}-key`,
};
