import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLedger } from "../engine/ledger.ts";
import { kvContract } from "../testing/kv-contract.ts";
import { createTestOrganization, TEST_INSTALLATION, testChannelConfig } from "../testing/organizations.ts";
import { parseCheckpoint } from "./note.ts";

const script = fileURLToPath(new URL("../../../../tests/second-implementation/check.sh", import.meta.url));
const python = (...args: readonly string[]) =>
  execFileSync("bash", [script, ...args], { encoding: "utf8", stdio: "pipe" });

/** Python, hashlib, the cryptography package and Fabric's own bindings read what the engine wrote, by the format page alone. */
describe("a second implementation", () => {
  let directory: string;
  let checkpoint: string;
  let receipts: string;
  const transactions = 400;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "second-implementation-"));
    receipts = join(directory, "receipts");
    mkdirSync(receipts);
    const [org1, org2, org3] = await Promise.all(
      ["Org1MSP", "Org2MSP", "Org3MSP"].map((mspId) => createTestOrganization(mspId)),
    );
    if (org1 === undefined || org2 === undefined || org3 === undefined) throw new TypeError("Three were made.");
    const ledger = await openLedger({
      directory,
      installationId: TEST_INSTALLATION,
      contracts: [kvContract],
      segmentBytesMax: 200_000,
    });
    const submit = (fn: string, ...args: string[]) =>
      ledger.submit({ channelId: "ch1", creator: org1.creator, contract: "kv", fn, args });
    try {
      await ledger.createChannel(testChannelConfig([org1, org2], { recordRefusals: true }), [org1.signer, org2.signer]);
      const results = await Promise.all(
        Array.from({ length: transactions }, (_, at) => submit("put", `key ${at % 40}`, `value ${at}`)),
      );
      await expect(submit("create", "key 1", "again")).rejects.toMatchObject({ code: "CONTRACT_REFUSED" });
      await submit("remove", "key 2");
      const all = [org1, org2, org3];
      await ledger.updateChannel(
        testChannelConfig(all, { recordRefusals: true }),
        all.map(({ signer }) => signer),
      );
      await submit("put", "key 2", "back");
      for (const { txId } of results) {
        const receipt = await ledger.receipt("ch1", txId, { withEnvelope: true });
        writeFileSync(join(receipts, `${txId}.json`), JSON.stringify(receipt));
      }
      checkpoint = await ledger.checkpoint("ch1");
    } finally {
      await ledger.close();
    }
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("agrees about the vectors", () => {
    expect(JSON.parse(python("check_vectors.py"))).toMatchObject({ headerHashes: 4 });
  });

  it("agrees about every block, leaf, signature and receipt of a ledger", () => {
    const { origin, size, root, block } = parseCheckpoint(checkpoint);
    expect(JSON.parse(python("check_ledger.py", directory, "--receipts", receipts))).toMatchObject({
      channels: 1,
      blocks: block + 1,
      envelopes: size,
      receipts: transactions,
      roots: { [origin]: Buffer.from(root).toString("hex") },
    });
  });

  it("disagrees about a ledger and about a receipt in which one byte is another", () => {
    const segments = join(directory, "channels", "ch1", "segments");
    const path = join(segments, readdirSync(segments).find((name) => name.endsWith(".segment")) ?? "");
    const bytes = readFileSync(path);
    const changed = Buffer.from(bytes);
    const at = changed.length >> 1;
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(path, changed);
    expect(() => python("check_ledger.py", directory)).toThrow("disagreement");
    writeFileSync(path, bytes);
    const receipt = join(receipts, readdirSync(receipts)[0] ?? "");
    const text = readFileSync(receipt, "utf8");
    writeFileSync(
      receipt,
      text.replace(/"index":(\d+)/, (_, index) => `"index":${Number(index) + 1}`),
    );
    expect(() => python("check_ledger.py", directory, "--receipts", receipts)).toThrow("disagreement");
  });
});
