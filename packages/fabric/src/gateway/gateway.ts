import type { Clock, Logger } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Endorser } from "../endorser/endorser.ts";
import { encodeResponse } from "../endorser/service.ts";
import type { Calls } from "../node/calls.ts";
import type { Network } from "../node/network.ts";
import type { RunningNode } from "../node/running-node.ts";
import { writeMessage } from "../wire/write.ts";
import { chaincodeEvents } from "./chaincode-events.ts";
import { commitStatus, encodeCommitStatus } from "./commit-status.ts";
import { endorse } from "./endorse.ts";
import { evaluate } from "./evaluate.ts";
import {
  type ProposalRequest,
  readProposalRequest,
  readSignedRequest,
  readSubmitRequest,
  type SubmitRequest,
} from "./requests.ts";
import { submit } from "./submit.ts";

export interface GatewayOptions {
  /** The peer that clients have connected to. */
  readonly node: RunningNode;
}

export interface GatewayServiceDependencies {
  readonly network: Network;
  readonly endorser: Endorser;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
}

const NOTHING = new Uint8Array(0);

/** A peer's gateway: one endpoint that does a client's whole work. Wire and in-process callers go through the same methods. */
export class Gateway {
  readonly #node: RunningNode;
  readonly #dependencies: GatewayServiceDependencies;
  readonly #nowMs: () => number;

  constructor(options: GatewayOptions, dependencies: GatewayServiceDependencies) {
    this.#node = options.node;
    this.#dependencies = dependencies;
    this.#nowMs = () => dependencies.clock.nowMs();
  }

  evaluate(request: ProposalRequest, signal: AbortSignal) {
    return evaluate(this.#node, request, signal, this.#dependencies);
  }

  /** The payload that the client is to sign. */
  endorse(request: ProposalRequest, signal: AbortSignal): Promise<Uint8Array> {
    return endorse(this.#node, request, signal, { ...this.#dependencies, nowMs: this.#nowMs });
  }

  submit(request: SubmitRequest) {
    return submit(this.#node, request, this.#dependencies);
  }

  /** `gateway.Gateway`. */
  service(calls: Calls): UntypedServiceImplementation {
    return {
      evaluate: calls.unary(async (request, { signal }) => {
        const response = await this.evaluate(readProposalRequest(request), signal);
        return writeMessage({ present: 1, value: encodeResponse(response) });
      }),
      endorse: calls.unary(async (request, { signal }) => {
        const payload = await this.endorse(readProposalRequest(request), signal);
        return writeMessage({ present: 1, value: writeMessage([1, payload]) });
      }),
      submit: calls.unary(async (request) => {
        await this.submit(readSubmitRequest(request));
        return NOTHING;
      }),
      commitStatus: calls.waiting(async (request, { signal }) => {
        const signed = readSignedRequest(request, "commit status", "status");
        return encodeCommitStatus(await commitStatus(this.#node, signed, signal, this.#nowMs()));
      }),
      chaincodeEvents: calls.serverStream((request, outbox, context) => {
        const signed = readSignedRequest(request, "chaincode events", "chaincode events");
        const { ledger } = this.#dependencies;
        return chaincodeEvents(this.#node, signed, outbox, context, { ledger, nowMs: this.#nowMs });
      }),
    };
  }
}
