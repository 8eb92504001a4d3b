import type { Principal } from "@concordat/platform";

export const ACCOUNT: Principal = {
  uid: "1000000000000001",
  userId: "00000000000000001000000000000001",
  accountUid: "1000000000000001",
  kind: "account",
  name: "Carrier",
  mspId: "CarrierMSP",
  ledgerServiceOpened: true,
  installationAdministrator: true,
  enabled: true,
};

export const USER: Principal = {
  ...ACCOUNT,
  uid: "2000000000000009",
  kind: "ram-user",
  name: "truck-9",
  installationAdministrator: false,
};
