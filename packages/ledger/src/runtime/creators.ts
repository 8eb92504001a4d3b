import { parseClientCertificate } from "@concordat/identity";
import type { ClientIdentity } from "../contract-api/index.ts";
import { serializeIdentity } from "../encoding/identity.ts";
import type { Creator } from "../ports.ts";

/** A creator in the forms that execution needs: Fabric's bytes and what a contract may ask of it. */
export interface KnownCreator {
  readonly mspId: string;
  readonly serialized: Uint8Array;
  readonly clientIdentity: ClientIdentity;
}

const CREATORS_MAX = 10_000;

/** Parsing a certificate costs milliseconds and each principal calls many times: parsed creators are kept, the oldest dropped first. */
export class CreatorCache {
  /** By certificate, so that a look-up joins no texts; the MSP that goes with it is compared. */
  readonly #known = new Map<string, KnownCreator>();

  /** @throws TypeError when the certificate cannot be read */
  get(creator: Creator): KnownCreator {
    const known = this.#known.get(creator.certificatePem);
    return known?.mspId === creator.mspId ? known : this.#learn(creator);
  }

  #learn(creator: Creator): KnownCreator {
    const certificate = parseClientCertificate(creator.certificatePem);
    const known: KnownCreator = {
      mspId: creator.mspId,
      serialized: serializeIdentity(creator.mspId, creator.certificatePem),
      clientIdentity: {
        getMSPID: () => creator.mspId,
        getID: () => certificate.id,
        getAttributeValue: (attribute) => certificate.attributes[attribute] ?? null,
      },
    };
    const oldest = this.#known.size >= CREATORS_MAX ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(creator.certificatePem, known);
    return known;
  }
}
