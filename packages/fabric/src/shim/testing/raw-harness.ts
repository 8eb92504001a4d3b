import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, ManualClock, silentLogger } from "@concordat/base";
import { peer } from "@hyperledger/fabric-protos";
import { afterEach, beforeEach } from "vitest";
import type { ContractConnection, ContractListener, ContractResponse } from "../../contracts/ports.ts";
import { createContractStreams } from "../contract-streams.ts";
import type { ShimLimits } from "../limits.ts";
import { MESSAGE_TYPE } from "../message.ts";
import { callRequest } from "./calls.ts";
import { MemorySimulation, memoryState } from "./memory-simulation.ts";
import { RawChaincode, type RawMessage, registration } from "./raw-chaincode.ts";

export const packageId = "raw_1:aa";

/** A listener under a clock that the test moves, and chaincodes that say what the test has them say. Made anew for each test. */
export class RawHarness {
  clock = new ManualClock(1_000);
  warnings: { readonly message: string; readonly fields: unknown }[] = [];
  folder = "";
  #opened: { close(): unknown }[] = [];

  constructor() {
    beforeEach(async () => {
      this.folder = await mkdtemp(join(tmpdir(), "shim-"));
      this.clock = new ManualClock(1_000);
      this.warnings = [];
    });
    afterEach(async () => {
      await this.closeAll();
      await rm(this.folder, { recursive: true, force: true });
    });
  }

  async closeAll(): Promise<void> {
    for (const thing of this.#opened.splice(0).reverse()) await thing.close();
  }

  async listen(limits: Partial<ShimLimits> = {}, socketPath = this.#socketPath()): Promise<ContractListener> {
    const log: Logger = { ...silentLogger, warn: (message, fields) => void this.warnings.push({ message, fields }) };
    const streams = createContractStreams({ limits }, { clock: this.clock, log });
    const listener = await streams.listen({ socketPath, packageId });
    this.#opened.push(listener);
    return listener;
  }

  dialIn(): RawChaincode {
    const chaincode = new RawChaincode(this.#socketPath());
    this.#opened.push(chaincode);
    return chaincode;
  }

  /** A connection that says nothing. */
  hold(): Socket {
    const socket = connect(this.#socketPath());
    socket.on("error", () => undefined);
    this.#opened.push({ close: () => socket.destroy() });
    return socket;
  }

  async connect(
    limits: Partial<ShimLimits> = {},
  ): Promise<{ readonly chaincode: RawChaincode; readonly connection: ContractConnection }> {
    const listener = await this.listen(limits);
    const chaincode = this.dialIn();
    chaincode.send(registration(packageId));
    const connection = await listener.connection;
    await chaincode.messages(2);
    return { chaincode, connection };
  }

  #socketPath(): string {
    return join(this.folder, "s");
  }
}

export function completed(txId: string, status = 200, text = ""): RawMessage {
  const response = new peer.Response();
  response.setStatus(status);
  response.setMessage(text);
  return { type: MESSAGE_TYPE.COMPLETED, txId, payload: response.serializeBinary() };
}

export function getState(txId: string, key = "k"): RawMessage {
  const request = new peer.GetState();
  request.setKey(key);
  return { type: MESSAGE_TYPE.GET_STATE, txId, payload: request.serializeBinary() };
}

/** A call whose refusal the test may look at later. */
export function call(
  connection: ContractConnection,
  txId: string,
  simulation = new MemorySimulation(memoryState({ k: "v" })),
): Promise<ContractResponse> {
  const answer = connection.call(callRequest(simulation, ["fn"], { txId }));
  answer.catch(() => undefined);
  return answer;
}

export function textsOf(chaincode: RawChaincode): string[] {
  return chaincode.received.map(({ payload }) => Buffer.from(payload).toString());
}
