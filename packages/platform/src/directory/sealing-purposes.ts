/** The place that each sealed secret belongs to: an envelope moved elsewhere does not open. */
export const sealingPurposes = {
  accessKeySecret: (accessKeyId: string) => `access-key/${accessKeyId}/secret`,
  principalKey: (uid: string) => `principal/${uid}/private-key`,
  organizationKey: (mspId: string, key: "ca" | "tls-ca" | "admin" | "checkpoint" | "sm-checkpoint") =>
    `organization/${mspId}/${key}-key`,
  retiredAuthorityKey: (fingerprint: string) => `retired-authority/${fingerprint}/key`,
  certificateKey: (mspId: string, purpose: "identity" | "tls", serialNumber: string) =>
    `certificate/${mspId}/${purpose}/${serialNumber}/key`,
  bidKey: (uid: string) => `bid-key/${uid}`,
  deviceKey: (iotId: string) => `device/${iotId}/key`,
  signingKey: (keyId: string) => `signing-key/${keyId}`,
  idempotentAnswer: (principalUid: string, key: string) => `idempotency/${principalUid}/${key}`,
  idempotentRequest: (principalUid: string, key: string) => `idempotency-request/${principalUid}/${key}`,
  setting: (name: string) => `setting/${name}`,
};
