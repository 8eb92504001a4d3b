import { isKeyAlgorithm, isOrigin, type KeyAlgorithm, type OrganizationKey, PUBLIC_KEY_BYTES } from "./checkpoint.ts";
import { faultUnless } from "./fault.ts";
import { readArray, readBase64, readCount, readObject, readText } from "./json.ts";

/** Keys by which receipts and ledgers are judged, obtained apart from them. */
export interface TrustBundle {
  readonly format: "concordat-trust/1";
  readonly channels: readonly TrustedChannel[];
}

export interface TrustedChannel {
  readonly origin: string;
  readonly displayName: string;
  readonly organizations: readonly TrustedOrganization[];
}

export interface TrustedOrganization {
  readonly mspId: string;
  readonly displayName: string;
  /** PEM. */
  readonly caCertificates: readonly string[];
  readonly checkpointKeys: readonly TrustedKey[];
}

export interface TrustedKey {
  readonly algorithm: KeyAlgorithm;
  /** Base64 of 32 bytes, or of 65 for SM2. */
  readonly publicKey: string;
  /** PEM. */
  readonly certificate: string;
  /** Both borders are included; null: without end. */
  readonly fromBlock: number;
  readonly toBlock: number | null;
}

const MSP_ID = /^[A-Za-z][A-Za-z0-9.-]{0,63}$/;

/**
 * Reads a trust bundle strictly.
 * @throws Fault naming the field that is wrong
 * @source docs/reference/ledger-format.md section 8
 */
export function parseTrustBundle(json: unknown): TrustBundle {
  const bundle = readObject(json, "the trust bundle", ["format", "channels"]);
  faultUnless(bundle["format"] === "concordat-trust/1", "the trust bundle's format is unknown");
  const channels = readArray(bundle["channels"], "the trust bundle's channels").map(readChannel);
  const origins = new Set(channels.map(({ origin }) => origin));
  faultUnless(origins.size === channels.length, "the trust bundle lists one origin twice");
  return { format: "concordat-trust/1", channels };
}

/** The bundle's keys for one block of one log; undefined when it does not know the log. */
export function trustedKeys(bundle: TrustBundle, origin: string, block: number): OrganizationKey[] | undefined {
  const channel = bundle.channels.find((candidate) => candidate.origin === origin);
  return channel?.organizations.flatMap(({ mspId, checkpointKeys }) =>
    checkpointKeys
      .filter(({ fromBlock, toBlock }) => fromBlock <= block && (toBlock === null || block <= toBlock))
      .map(({ algorithm, publicKey }) => ({
        mspId,
        algorithm,
        publicKey: readBase64(publicKey, "a public key", PUBLIC_KEY_BYTES[algorithm]),
      })),
  );
}

function readChannel(json: unknown, at: number): TrustedChannel {
  const where = `channel ${at} of the trust bundle`;
  const channel = readObject(json, where, ["origin", "displayName", "organizations"]);
  const origin = readText(channel["origin"], `the origin of ${where}`);
  faultUnless(isOrigin(origin), `the origin of ${where} is malformed`);
  const organizations = readArray(channel["organizations"], `the organizations of ${where}`).map((organization) =>
    readOrganization(organization, where),
  );
  const names = new Set(organizations.map(({ mspId }) => mspId));
  faultUnless(names.size === organizations.length, `${where} lists one organization twice`);
  return { origin, displayName: readText(channel["displayName"], `the name of ${where}`), organizations };
}

function readOrganization(json: unknown, channel: string): TrustedOrganization {
  const where = `an organization of ${channel}`;
  const organization = readObject(json, where, ["mspId", "displayName", "caCertificates", "checkpointKeys"]);
  const mspId = readText(organization["mspId"], `the MSP id of ${where}`);
  faultUnless(MSP_ID.test(mspId), `the MSP id of ${where} is malformed`);
  return {
    mspId,
    displayName: readText(organization["displayName"], `the name of ${where}`),
    caCertificates: readArray(organization["caCertificates"], `the CA certificates of ${where}`).map((certificate) =>
      readText(certificate, `a CA certificate of ${where}`),
    ),
    checkpointKeys: readArray(organization["checkpointKeys"], `the keys of ${where}`).map((key) =>
      readKey(key, `a key of ${where}`),
    ),
  };
}

function readKey(json: unknown, where: string): TrustedKey {
  const key = readObject(json, where, ["algorithm", "publicKey", "certificate", "fromBlock", "toBlock"]);
  const algorithm = key["algorithm"];
  faultUnless(isKeyAlgorithm(algorithm), `the algorithm of ${where} is unknown`);
  readBase64(key["publicKey"], `the public key of ${where}`, PUBLIC_KEY_BYTES[algorithm]);
  const fromBlock = readCount(key["fromBlock"], `"fromBlock" of ${where}`);
  const toBlock = key["toBlock"] === null ? null : readCount(key["toBlock"], `"toBlock" of ${where}`);
  faultUnless(toBlock === null || fromBlock <= toBlock, `${where} ends before it begins`);
  return {
    algorithm,
    publicKey: readText(key["publicKey"], `the public key of ${where}`),
    certificate: readText(key["certificate"], `the certificate of ${where}`),
    fromBlock,
    toBlock,
  };
}
