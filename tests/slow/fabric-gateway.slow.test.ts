import { verifyReceipt } from "@concordat/verifier";
import { nodeCrypto } from "@concordat/verifier/node";
import { status as grpcStatus } from "@grpc/grpc-js";
import {
  CommitError,
  type Contract,
  EndorseError,
  GatewayError,
  hash,
  type Network,
} from "@hyperledger/fabric-gateway";
import { peer } from "@hyperledger/fabric-protos";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Connection,
  connectGateway,
  createTestNetwork,
  type GatewayConnection,
  stockSigner,
  type TestNetwork,
} from "../support/fabric-network.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

/* The official Gateway client, unmodified, against the network of a server that runs as its users run it. */

const CHANNEL = "trade";
const ORGANIZATIONS = ["AlphaMSP", "BetaMSP"] as const;

let server: RunningServer;
let network: TestNetwork;
let connection: Connection;
let connected: GatewayConnection;
let channel: Network;
let general: Contract;
let faulty: Contract;

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

beforeAll(async () => {
  server = await startServer(await newInstallation("fabric-gateway"), {
    serverArguments: ["--contract-timeout", "5"],
  });
  network = await createTestNetwork(server, { organizations: ORGANIZATIONS });
  await network.createChannel(CHANNEL);
  await network.deploy(CHANNEL, "general");
  connection = await network.connection();
  connected = connectGateway(connection);
  channel = connected.gateway.getNetwork(CHANNEL);
  general = channel.getContract("general", "General");
  faulty = channel.getContract("general", "Faulty");
});

afterAll(async () => {
  connected?.close();
  await server?.stop();
});

/** What the call rejects with. */
async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => {
      throw new Error(`It succeeded: ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

async function gatewayErrorOf(call: Promise<unknown>): Promise<GatewayError> {
  const error = await failureOf(call);
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

const detailsOf = (error: GatewayError) => error.details.map(({ message }) => message).join("; ");

describe("submits and evaluates", () => {
  test("with its own signer and with one that signs whole messages", async () => {
    const stock = connectGateway(connection, { signer: stockSigner(connection.privateKeyPem), hash: hash.sha256 });
    const contract = stock.gateway.getNetwork(CHANNEL).getContract("general", "General");
    expect(text(await contract.submitTransaction("put", "signer", "stock"))).toBe("stock");
    stock.close();
    expect(text(await general.evaluateTransaction("get", "signer"))).toBe("stock");
    expect(text(await general.submitTransaction("put", "signer", "native"))).toBe("native");
    expect(text(await general.evaluateTransaction("get", "signer"))).toBe("native");
  });

  test("shows the contract who calls, and hands it transient data", async () => {
    const proposal = general.newProposal("whoAmI", { transientData: { secret: "hidden" } });
    const seen = JSON.parse(text(await proposal.evaluate()));
    expect(seen).toMatchObject({
      mspId: "AlphaMSP",
      channelId: CHANNEL,
      txId: proposal.getTransactionId(),
      transient: "hidden",
    });
    expect(seen.id).toMatch(/^x509::.*OU=client.*::.*CN=/);
  });

  test("through a peer of the other organization, as one of its members", async () => {
    const beta = connectGateway(await network.connection("BetaMSP"));
    const contract = beta.gateway.getNetwork(CHANNEL).getContract("general", "General");
    await contract.submitTransaction("put", "from-beta", "1");
    expect(JSON.parse(text(await contract.evaluateTransaction("whoAmI"))).mspId).toBe("BetaMSP");
    beta.close();
    expect(text(await general.evaluateTransaction("get", "from-beta"))).toBe("1");
  });

  test("a built-in contract under the same policy", async () => {
    const evidence = channel.getContract("evidence");
    const error = await gatewayErrorOf(evidence.submitTransaction("noSuchFunction"));
    expect(error).toBeInstanceOf(EndorseError);
    expect(detailsOf(error)).toContain("FUNCTION_UNKNOWN");
  });
});

test("a transaction, valid or refused, has a receipt that is checked with the server's trust bundle alone", async () => {
  const endorsed = await Promise.all(
    ["1", "2"].map((amount) => general.newProposal("add", { arguments: ["receipt", amount] }).endorse()),
  );
  for (const transaction of endorsed) await (await transaction.submit()).getStatus();
  const trust = await network.api.trustBundle();
  const answers = [];
  for (const transaction of endorsed) {
    const receipt = await network.api.receipt(transaction.getTransactionId());
    answers.push(verifyReceipt(receipt, trust, nodeCrypto).status);
  }
  expect(answers).toEqual(["valid", "refused"]);
});

describe("events", () => {
  test("of a chaincode and whole blocks, from a given block on and after a checkpoint", async () => {
    const before = await general.submitAsync("announce", { arguments: ["first", "1"] });
    const { blockNumber } = await before.getStatus();
    await general.submitTransaction("announce", "second", "2");
    const events = await channel.getChaincodeEvents("general", { startBlock: blockNumber });
    const seen: string[] = [];
    for await (const event of events) {
      seen.push(`${event.eventName}=${text(event.payload)}`);
      if (seen.length === 2) void general.submitTransaction("announce", "third", "3");
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(["first=1", "second=2", "third=3"]);
    const afterFirst = await channel.getChaincodeEvents("general", {
      checkpoint: { getBlockNumber: () => blockNumber, getTransactionId: () => before.getTransactionId() },
    });
    for await (const event of afterFirst) {
      expect(event.eventName).toBe("second");
      break;
    }
    const blocks = await channel.getBlockEvents({ startBlock: 0n });
    const numbers: number[] = [];
    for await (const block of blocks) {
      numbers.push(block.getHeader()?.getNumber() ?? -1);
      if (numbers.length > Number(blockNumber)) break;
    }
    expect(numbers).toEqual(numbers.map((_, index) => index));
    for await (const block of await channel.getFilteredBlockEvents({ startBlock: blockNumber })) {
      const [first] = block.getFilteredTransactionsList();
      expect(first?.getTxid()).toBe(before.getTransactionId());
      expect(first?.getTxValidationCode()).toBe(peer.TxValidationCode.VALID);
      break;
    }
  });
});

describe("is told in its own classes of errors", () => {
  test("that a chaincode failed", async () => {
    const endorse = await gatewayErrorOf(faulty.submitTransaction("fail", "no such luck"));
    expect(endorse).toBeInstanceOf(EndorseError);
    expect(endorse.code).toBe(grpcStatus.ABORTED);
    expect(detailsOf(endorse)).toContain("chaincode response 500, no such luck");
    expect(endorse.details[0]).toMatchObject({ mspId: "AlphaMSP" });
    const evaluate = await gatewayErrorOf(faulty.evaluateTransaction("fail", "no such luck"));
    expect(evaluate.code).toBe(grpcStatus.UNKNOWN);
    expect(detailsOf(evaluate)).toContain("chaincode response 500, no such luck");
  });

  test("that two organizations had different results", async () => {
    const error = await gatewayErrorOf(faulty.submitTransaction("differ", "which"));
    expect(error).toBeInstanceOf(EndorseError);
    expect(error.code).toBe(grpcStatus.ABORTED);
    expect((await gatewayErrorOf(general.evaluateTransaction("get", "which"))).code).toBe(grpcStatus.UNKNOWN);
  });

  test("that another transaction was faster", async () => {
    const endorsed = await Promise.all(
      ["1", "2"].map((amount) => general.newProposal("add", { arguments: ["account", amount] }).endorse()),
    );
    const commits = [];
    for (const transaction of endorsed) commits.push(await transaction.submit());
    const codes = [];
    for (const commit of commits) codes.push((await commit.getStatus()).code);
    expect(codes).toEqual([peer.TxValidationCode.VALID, peer.TxValidationCode.MVCC_READ_CONFLICT]);
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, () => general.submitTransaction("add", "contended", "1")),
    );
    const conflicts = all.filter(({ status }) => status === "rejected");
    for (const { reason } of conflicts as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(CommitError);
      expect((reason as CommitError).code).toBe(peer.TxValidationCode.MVCC_READ_CONFLICT);
    }
    expect(text(await general.evaluateTransaction("get", "contended"))).toBe(String(all.length - conflicts.length));
  });

  test("that a key appeared in a range that it had read", async () => {
    const counting = await general.newProposal("count", { arguments: ["phantom-a", "phantom-z", "total"] }).endorse();
    await general.submitTransaction("put", "phantom-m", "1");
    const { code } = await (await counting.submit()).getStatus();
    expect(code).toBe(peer.TxValidationCode.PHANTOM_READ_CONFLICT);
  });

  test("that there is no such channel, and no such chaincode", async () => {
    const elsewhere = connected.gateway.getNetwork("nowhere").getContract("general");
    expect(await gatewayErrorOf(elsewhere.evaluateTransaction("get", "a"))).toMatchObject({
      code: grpcStatus.UNAVAILABLE,
    });
    const missing = channel.getContract("missing");
    const error = await gatewayErrorOf(missing.submitTransaction("put", "a", "1"));
    expect(error).toBeInstanceOf(EndorseError);
    expect(error.code).toBe(grpcStatus.FAILED_PRECONDITION);
  });

  test("that it waited too long, and that a contract did", async () => {
    const options = { evaluateOptions: () => ({ deadline: Date.now() + 1_000 }) };
    const impatient = connectGateway(connection, options);
    const contract = impatient.gateway.getNetwork(CHANNEL).getContract("general", "Faulty");
    expect((await gatewayErrorOf(contract.evaluateTransaction("hang"))).code).toBe(grpcStatus.DEADLINE_EXCEEDED);
    impatient.close();
    const error = await gatewayErrorOf(faulty.evaluateTransaction("hang"));
    expect(`${error.message} ${detailsOf(error)}`).toMatch(/timeout|timed out|time/i);
    expect(text(await general.submitTransaction("put", "after-hang", "1"))).toBe("1");
  });
});

describe("a certificate that does not count any more", () => {
  const setCertificate = (serialNumber: string, verb: string) =>
    network.post(`/organizations/AlphaMSP/certificates/identity/${serialNumber}/${verb}`, {});

  async function newMember(commonName: string) {
    const member = await network.connection("AlphaMSP", commonName);
    const { body } = await network.api.get(`/certificates?mspId=AlphaMSP&commonName=${commonName}`);
    const [certificate] = body["certificates"] as readonly { readonly serialNumber: string }[];
    const open = connectGateway(member);
    return {
      serialNumber: certificate?.serialNumber ?? "",
      contract: open.gateway.getNetwork(CHANNEL).getContract("general", "General"),
      close: open.close,
    };
  }

  test("frozen: refused until it is unfrozen, for proposals and for envelopes that were endorsed before", async () => {
    const { serialNumber, contract, close } = await newMember("sleeper");
    await contract.submitTransaction("put", "sleeper", "1");
    const endorsed = await contract.newProposal("put", { arguments: ["sleeper", "2"] }).endorse();
    await setCertificate(serialNumber, "freeze");
    expect((await gatewayErrorOf(contract.evaluateTransaction("get", "sleeper"))).code).not.toBe(grpcStatus.UNKNOWN);
    await gatewayErrorOf(contract.submitTransaction("put", "sleeper", "3"));
    await gatewayErrorOf(endorsed.submit());
    expect(text(await general.evaluateTransaction("get", "sleeper"))).toBe("1");
    await setCertificate(serialNumber, "unfreeze");
    await contract.submitTransaction("put", "sleeper", "4");
    expect(text(await general.evaluateTransaction("get", "sleeper"))).toBe("4");
    close();
  });

  test("revoked: refused for good", async () => {
    const { serialNumber, contract, close } = await newMember("leaver");
    await contract.submitTransaction("put", "leaver", "1");
    const endorsed = await contract.newProposal("put", { arguments: ["leaver", "2"] }).endorse();
    await setCertificate(serialNumber, "revoke");
    await gatewayErrorOf(contract.submitTransaction("put", "leaver", "3"));
    await gatewayErrorOf(endorsed.submit());
    expect(text(await general.evaluateTransaction("get", "leaver"))).toBe("1");
    close();
  });
});

test("a restart in the middle: the client connects again by itself, and learns what became of its transactions", async () => {
  const commits = await Promise.all(
    Array.from({ length: 20 }, (_, index) => general.submitAsync("put", { arguments: [`restart-${index}`, "1"] })),
  );
  const blocks = await Promise.all(commits.map(async (commit) => (await commit.getStatus()).blockNumber));
  await server.stop();
  expect((await gatewayErrorOf(general.evaluateTransaction("get", "restart-1"))).code).toBe(grpcStatus.UNAVAILABLE);
  server = await startServer(server, { serverArguments: ["--contract-timeout", "5"] });
  network = network.on(server);
  await expect
    .poll(() => general.evaluateTransaction("get", "restart-1").then(text, () => ""), { timeout: 60_000 })
    .toBe("1");
  const after = await Promise.all(commits.map(async (commit) => (await commit.getStatus()).blockNumber));
  expect(after).toEqual(blocks);
  expect(text(await general.submitTransaction("put", "restart-1", "2"))).toBe("2");
});
