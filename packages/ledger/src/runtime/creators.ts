import { parseClientCertificate } from "@concordat/identity";
import type { ClientIdentity } from "../contract-api/index.ts";
import { serializeIdentity } from "../encoding/identity.ts";
import type { Creator } from "../ports.ts";

/** A creator in the forms that execution needs: Fabric's bytes and what a contract may ask of it. */
export interface KnownCreator {
  readonly serialized: Uint8Array;
  readonly clientIdentity: ClientIdentity;
}

const CREATORS_MAX = 10_000;

/** Parsing a certificate costs milliseconds and each principal calls many times: parsed creators are kept, the oldest dropped first. */
export class CreatorCache {
  readonly #known = new Map<string, KnownCreator>();

  /** @throws TypeError when the certificate cannot be read */
  get(creator: Creator): KnownCreator {
    const name = `${creator.mspId} ${creator.certificatePem}`;
    const known = this.#known.get(name) ?? this.#learn(name, creator);
    return known;
  }

  #learn(name: string, creator: Creator): KnownCreator {
    const certificate = parseClientCertificate(creator.certificatePem);
    const known: KnownCreator = {
      serialized: serializeIdentity(creator.mspId, creator.certificatePem),
      clientIdentity: {
        getMSPID: () => creator.mspId,
        getID: () => certificate.id,
        getAttributeValue: (attribute) => certificate.attributes[attribute] ?? null,
      },
    };
    const oldest = this.#known.size >= CREATORS_MAX ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(name, known);
    return known;
  }
}
