import { equalBytes, InvariantError } from "@concordat/base";
import type { Endorsement } from "@concordat/ledger/endorsement";
import { status } from "@grpc/grpc-js";
import { type ErrorDetail, RpcError } from "../node/rpc-error.ts";
import type { RunningNode } from "../node/running-node.ts";
import type { Attempt } from "./attempt.ts";
import { detailOf } from "./outcome.ts";

/** What the endorsers of one proposal have answered so far. The first payload is the one that all others must equal. */
export class Collection {
  readonly #endorsements = new Map<RunningNode, Endorsement>();
  readonly #details: ErrorDetail[] = [];
  #payload: Uint8Array | undefined;

  /** False when the attempt failed, or its result differs from the first one's. */
  add({ node, outcome, response }: Attempt): boolean {
    const { payload, endorsement } = response ?? {};
    if (outcome.kind === "failure" || payload === undefined || endorsement === undefined) {
      const text = outcome.kind === "failure" ? outcome.message : "the peer has not endorsed the proposal";
      this.#details.push(detailOf(node, text));
      return false;
    }
    this.#payload ??= payload;
    if (!equalBytes(this.#payload, payload)) {
      this.#details.push(detailOf(node, "ProposalResponsePayloads do not match"));
      return false;
    }
    this.#endorsements.set(node, endorsement);
    return true;
  }

  has(node: RunningNode): boolean {
    return this.#endorsements.has(node);
  }

  get failureCount(): number {
    return this.#details.length;
  }

  get payload(): Uint8Array {
    if (this.#payload === undefined) throw new InvariantError("Nobody has endorsed.");
    return this.#payload;
  }

  get endorsements(): readonly Endorsement[] {
    return [...this.#endorsements.values()];
  }

  /** Only what these have signed: a signature that nobody asks for makes the transaction larger. */
  only(nodes: readonly RunningNode[]): Collection {
    const chosen = new Collection();
    chosen.#payload = this.#payload;
    for (const node of nodes) {
      const endorsement = this.#endorsements.get(node);
      if (endorsement !== undefined) chosen.#endorsements.set(node, endorsement);
    }
    return chosen;
  }

  failure(text = "failed to collect enough transaction endorsements, see attached details for more info"): RpcError {
    return new RpcError(status.ABORTED, text, this.#details);
  }
}
