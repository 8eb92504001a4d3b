import { bytesToHex, type Clock, type RandomSource, utf8ToBytes } from "@concordat/base";
import { derToPem, signingKeyToDer } from "@concordat/identity";
import { auditEntry } from "../audit/audit-entry.ts";
import { refusingRequests } from "../certificates/authorities.ts";
import type { Issuing } from "../certificates/issuing.ts";
import { exportMspFiles, type MspExportDependencies } from "../certificates/msp-export.ts";
import { certificateName, toChanges } from "../certificates/records.ts";
import type { NetworkRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import type { NetworkAccess } from "./access.ts";
import { organizationsOf } from "./acting.ts";
import type { ClientIdentities } from "./client-identities.ts";
import type { NodeCertificates } from "./node-certificates.ts";
import type { ConnectionFile } from "./ports.ts";
import { endpointOf, type NetworkViews } from "./views.ts";
import { type ZipEntry, zipOf } from "./zip.ts";

export interface ConnectionsDependencies extends MspExportDependencies {
  readonly directory: Directory;
  readonly access: NetworkAccess;
  readonly identities: ClientIdentities;
  readonly certificates: NodeCertificates;
  readonly issuing: Issuing;
  readonly views: NetworkViews;
  readonly clock: Clock;
  readonly random: RandomSource;
}

interface NewClient {
  readonly mspId: string;
  readonly commonName: string;
  readonly withTls: boolean;
}

interface IssuedClient {
  readonly certificatePem: string;
  readonly privateKeyDer: Uint8Array;
  readonly tls: { readonly certificatePem: string; readonly privateKeyDer: Uint8Array } | undefined;
}

const validDays = 365;

/** What a Gateway client needs to reach a network, in one file. */
export class ConnectionsService {
  readonly #dependencies: ConnectionsDependencies;

  constructor(dependencies: ConnectionsDependencies) {
    this.#dependencies = dependencies;
  }

  async create(
    caller: Caller,
    input: { readonly networkId: string; readonly mspId: string; readonly commonName?: string },
  ): Promise<ConnectionFile> {
    const { access, identities, random, clock, certificates, views } = this.#dependencies;
    const network = access.network(caller, "network:connection:create", input.networkId);
    if (network.status !== "active") throw new PlatformError("NETWORK_NOT_READY", `The network is ${network.status}.`);
    const [mspId = ""] = organizationsOf(network, [input.mspId]);
    identities.requireUsable(caller.principal);
    const commonName = input.commonName ?? `gateway-${bytesToHex(random.bytes(4))}`;
    const withTls = views.nodesOf(network.networkId).some((node) => node.mutualTls);
    const client = await this.#enrol(caller, network, { mspId, commonName, withTls });
    const msp = await exportMspFiles(mspId, client, this.#dependencies);
    const entries: ZipEntry[] = [
      ...msp.map(({ path, text, secret }) => ({ path, bytes: utf8ToBytes(text), secret })),
      open("tls/ca.crt", certificates.tlsAuthorities(mspId).join("")),
      ...(client.tls === undefined ? [] : tlsFiles(client.tls)),
      open("connection.json", `${JSON.stringify(this.#profile(network, mspId), null, 2)}\n`),
    ];
    return { fileName: `${network.name}-${mspId}-connection.zip`, bytes: await zipOf(entries, clock.nowMs()) };
  }

  /** The keys are made here and kept nowhere. What is enrolled speaks for the caller, and ends with it. */
  #enrol(caller: Caller, network: NetworkRow, { mspId, commonName, withTls }: NewClient): Promise<IssuedClient> {
    const { directory, issuing } = this.#dependencies;
    const { uid, accountUid } = caller.principal;
    const subject = { mspId, role: "client", commonName, uid, validDays } as const;
    const attributes = { tenant: accountUid, principal: uid };
    return refusingRequests(() =>
      directory.change(async () => {
        const identity = await issuing.issue({ ...subject, purpose: "identity", hosts: [], attributes });
        const host = `client.${mspId.toLowerCase()}.${network.name}`;
        const tls = withTls ? await issuing.issue({ ...subject, purpose: "tls", hosts: [host] }) : undefined;
        const records = [identity, ...(tls === undefined ? [] : [tls])].map(({ record }) => ({
          ...record,
          keySealed: null,
        }));
        const resource = { kind: "network", id: network.networkId };
        const detail = { mspId, commonName, certificates: records.map(certificateName) };
        const audit = [
          auditEntry(caller, { action: "network:connection:create", resource, detail }, this.#dependencies),
        ];
        const result = { ...keyedOf(identity), tls: tls === undefined ? undefined : keyedOf(tls) };
        return { changes: toChanges(records), audit, result };
      }),
    );
  }

  /** Peers of the client's own organization first: a Gateway client connects to one of them. */
  #profile(network: NetworkRow, mspId: string) {
    const { views, certificates } = this.#dependencies;
    const nodes = views.nodesOf(network.networkId).map(({ kind, host, port, ...node }) => ({
      kind,
      name: node.name,
      mspId: node.mspId,
      endpoint: endpointOf(host, port),
      tlsHostName: node.name,
      mutualTls: node.mutualTls,
      tlsRootCertificates: certificates.tlsAuthorities(node.mspId).join(""),
    }));
    const peers = nodes.filter(({ kind }) => kind === "peer");
    const isOwn = (node: { readonly mspId: string }) => node.mspId === mspId;
    return {
      network: network.name,
      mspId,
      peers: [...peers.filter(isOwn), ...peers.filter((node) => !isOwn(node))].map(withoutKind),
      orderers: nodes.filter(({ kind }) => kind === "orderer").map(withoutKind),
      channels: views
        .channelsOf(network.networkId)
        .filter(({ organizations }) => organizations.includes(mspId))
        .map(({ channelId }) => channelId),
    };
  }
}

function keyedOf({ record, key }: Awaited<ReturnType<Issuing["issue"]>>) {
  if (key === undefined) throw new PlatformError("CERTIFICATE_REQUEST_INVALID");
  return { certificatePem: record.certificatePem, privateKeyDer: signingKeyToDer(key) };
}

function withoutKind<Node extends { readonly kind: string }>({ kind: _, ...node }: Node): Omit<Node, "kind"> {
  return node;
}

function tlsFiles({ certificatePem, privateKeyDer }: NonNullable<IssuedClient["tls"]>): ZipEntry[] {
  const key = { path: "tls/client.key", bytes: utf8ToBytes(derToPem("PRIVATE KEY", privateKeyDer)), secret: true };
  return [open("tls/client.crt", certificatePem), key];
}

function open(path: string, text: string): ZipEntry {
  return { path, bytes: utf8ToBytes(text), secret: false };
}
