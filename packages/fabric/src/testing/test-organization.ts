import { systemClock, systemRandom } from "@concordat/base";
import {
  createOrganization,
  issueKeyedCertificate,
  issueKeyedServerCertificate,
  type KeyedCertificate,
  type NodeUnit,
  openCertificateAuthority,
  REVOCATION_REASON,
} from "@concordat/identity";
import type { CheckpointSignerKey, OrganizationConfig } from "@concordat/ledger/client";
import type { KeyPair, NodeConfig, Signer } from "../ports.ts";

const dependencies = { clock: systemClock, random: systemRandom };

/** An organization with its authorities, made fresh for a test. */
export interface TestOrganization {
  readonly mspId: string;
  readonly config: OrganizationConfig;
  readonly checkpointSigner: CheckpointSignerKey;
  readonly tlsCertificatePem: string;
  /** A fresh member of the given kind; its certificate runs for `validDays`, a year when left out. */
  member(role?: NodeUnit, validDays?: number): Promise<Signer>;
  /** A node's certificate for `name`, `localhost` and 127.0.0.1. */
  tls(name: string): Promise<KeyPair>;
  /** PEM. A revocation list with these certificates; those on hold can come back. */
  revocationList(
    entries: readonly { readonly serialNumber: string; readonly isHold?: boolean }[],
    number?: bigint,
  ): Promise<string>;
}

export async function createTestOrganization(mspId: string): Promise<TestOrganization> {
  const { identity, privateKeys } = await createOrganization({ name: mspId, mspId }, dependencies);
  const ca: KeyedCertificate = { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca };
  const tlsCa = { certificatePem: identity.tlsCaCertificatePem, privateKeyDer: privateKeys.tlsCa };
  const authority = openCertificateAuthority(ca, dependencies);
  const tlsAuthority = openCertificateAuthority(tlsCa, dependencies);
  return {
    mspId,
    config: {
      mspId,
      displayName: mspId,
      caCertificates: [ca.certificatePem],
      checkpointKeys: [identity.checkpointKey],
      revocationLists: [],
    },
    checkpointSigner: { mspId, privateKeyDer: privateKeys.checkpoint },
    tlsCertificatePem: tlsCa.certificatePem,
    async member(role = "client", validDays = 365) {
      return { mspId, ...(await issueKeyedCertificate(authority, { role, commonName: `${role}1`, validDays })) };
    },
    tls: (name) => issueKeyedServerCertificate(tlsAuthority, { hosts: [name, "localhost", "127.0.0.1"] }),
    revocationList: (entries, number = 1n) =>
      authority.revocationList({
        number,
        entries: entries.map(({ serialNumber, isHold }) => ({
          serialNumber,
          revokedAtMs: systemClock.nowMs(),
          reason: isHold === true ? REVOCATION_REASON.certificateHold : REVOCATION_REASON.keyCompromise,
        })),
      }),
  };
}

/** A node of the organization on a free port of the loopback. */
export async function testNode(
  organization: TestOrganization,
  kind: NodeConfig["kind"],
  channelIds: readonly string[],
  parts: { readonly index?: number; readonly clientAuthorities?: readonly string[] } = {},
): Promise<NodeConfig> {
  const { mspId, tlsCertificatePem } = organization;
  const name = `${kind}${parts.index ?? 0}.${mspId.toLowerCase()}.example`;
  const { clientAuthorities } = parts;
  const tls = { ...(await organization.tls(name)), authorities: [tlsCertificatePem] };
  return {
    nodeId: name,
    kind,
    name,
    mspId,
    listen: { host: "127.0.0.1", port: 0 },
    identity: await organization.member(kind),
    tls: clientAuthorities === undefined ? tls : { ...tls, clientAuthorities },
    channels: channelIds.map((channelId) => ({ channelId, height: 0 })),
  };
}
