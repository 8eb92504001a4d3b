import { ALPHANUMERIC, bytesToHex, DIGITS, type RandomSource, randomText } from "@concordat/base";

const upperAlphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The ids that the platform makes: alphabets and lengths as the documents show them. */
export const newIds = {
  /** 16 decimal digits, the first not 0. */
  uid: (random: RandomSource) => decimalId(random),
  /** 32 lower-case hex digits, as the Huawei documents show the ids of domains, projects, users, groups and policies. */
  userId: (random: RandomSource) => bytesToHex(random.bytes(16)),
  tenantId: (random: RandomSource) => bytesToHex(random.bytes(16)),
  projectId: (random: RandomSource) => bytesToHex(random.bytes(16)),
  /** A UUID, as the Huawei documents show those of enterprise projects. */
  enterpriseProjectId: (random: RandomSource) => uuidOf(random.bytes(16)),
  networkId: (random: RandomSource) => uuidOf(random.bytes(16)),
  nodeId: (random: RandomSource) => uuidOf(random.bytes(16)),
  groupId: (random: RandomSource) => bytesToHex(random.bytes(16)),
  policyId: (random: RandomSource) => bytesToHex(random.bytes(16)),
  grantId: (random: RandomSource) => bytesToHex(random.bytes(16)),
  bizChainId: (random: RandomSource) => decimalId(random),
  bizChainCode: (random: RandomSource) => randomText(random, ALPHANUMERIC, 16),
  memberId: (random: RandomSource) => decimalId(random),
  deviceGroupId: (random: RandomSource) => decimalId(random),
  /** 24 upper-case hex digits. */
  iotId: (random: RandomSource) => bytesToHex(random.bytes(12)).toUpperCase(),
  productKey: (random: RandomSource) => randomText(random, ALPHANUMERIC, 11),
  dataTypeCode: (random: RandomSource) => randomText(random, upperAlphanumeric, 4),
  accessKeyId: (random: RandomSource) => `LTAI${randomText(random, ALPHANUMERIC, 20)}`,
  accessKeySecret: (random: RandomSource) => randomText(random, ALPHANUMERIC, 30),
  installationId: (random: RandomSource) => randomText(random, "0123456789abcdef", 16),
};

/** Draws until the id is free. */
export function drawFree(draw: () => string, isTaken: (id: string) => boolean): string {
  let id = draw();
  while (isTaken(id)) id = draw();
  return id;
}

/** Version 4. */
function uuidOf(bytes: Uint8Array): string {
  const hex = bytesToHex(bytes);
  const variant = "89ab"[(bytes[8] ?? 0) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function decimalId(random: RandomSource): string {
  return randomText(random, "123456789", 1) + randomText(random, DIGITS, 15);
}
