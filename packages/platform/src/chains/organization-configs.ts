import { bytesToHex } from "@concordat/base";
import { parseRevocationList } from "@concordat/identity";
import type { OrganizationConfig } from "@concordat/ledger";
import type { RevocationLists } from "../certificates/revocation-lists.ts";
import type { OrganizationRow, RetiredAuthorityRow, SmCheckpointKeyRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { toOrganizationConfig } from "./channel-config.ts";

export interface OrganizationConfigsDependencies {
  readonly directory: Directory;
  readonly revocationLists: Pick<RevocationLists, "all">;
}

/** What the channels' configurations say of an organization. */
export class OrganizationConfigs {
  readonly #dependencies: OrganizationConfigsDependencies;
  readonly #authoritiesOf: (mspId: string) => RetiredAuthorityRow[];

  constructor(dependencies: OrganizationConfigsDependencies) {
    this.#dependencies = dependencies;
    this.#authoritiesOf = dependencies.directory.table("retiredAuthorities").index((row) => row.mspId);
  }

  /** @param smKey for SM channels */
  of(row: OrganizationRow, smKey: SmCheckpointKeyRow | undefined): OrganizationConfig {
    const others = this.#authoritiesOf(row.mspId)
      .filter(({ purpose }) => purpose === "identity")
      .sort((a, b) => b.retiredMs - a.retiredMs);
    return toOrganizationConfig(row, smKey, others);
  }

  /** On a channel of a network, whose transactions are made outside: with the revocation lists that name somebody. */
  async ofNetworkMember(row: OrganizationRow): Promise<OrganizationConfig> {
    const lists = await this.#dependencies.revocationLists.all(row.mspId, "identity");
    const revocationLists = lists.filter(({ entryCount }) => entryCount > 0).map(({ pem }) => pem);
    const config = this.of(row, undefined);
    return revocationLists.length === 0 ? config : { ...config, revocationLists };
  }
}

/** Lists are compared by what they say: one that was signed again for the sake of its date changes nothing on a channel. */
export function isSameOrganization(a: OrganizationConfig, b: OrganizationConfig): boolean {
  const textOf = ({ caCertificates, checkpointKeys, revocationLists = [] }: OrganizationConfig) =>
    JSON.stringify([
      caCertificates,
      checkpointKeys.map(({ algorithm, publicKey, certificate }) => [
        algorithm,
        bytesToHex(publicKey),
        bytesToHex(certificate),
      ]),
      revocationLists.map(listContent),
    ]);
  return textOf(a) === textOf(b);
}

function listContent(pem: string) {
  const { authorityKeyIdentifier, entries } = parseRevocationList(pem);
  return [authorityKeyIdentifier, entries.map(({ serialNumber, reason }) => [serialNumber, reason])];
}
