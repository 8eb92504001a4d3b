import type { Contract, ContractStub } from "@concordat/ledger/contract-api";
import { expect, it } from "vitest";
import { MemoryChannel } from "../testing/memory-channel.ts";
import { UnitOfWork } from "./unit-of-work.ts";

/** Runs the work in one transaction, and says what it asked of the stub. */
async function run(work: (unit: UnitOfWork) => Promise<unknown>) {
  const asked: string[] = [];
  const noting = (stub: ContractStub): ContractStub => ({
    ...stub,
    getState: (key) => {
      asked.push("get");
      return stub.getState(key);
    },
    putState: (key, value) => {
      asked.push("put");
      return stub.putState(key, value);
    },
  });
  const contract: Contract = {
    name: "work",
    version: "1",
    functions: {
      run: async ({ stub }) => JSON.stringify((await work(new UnitOfWork(noting(stub)))) ?? null),
    },
  };
  const channel = new MemoryChannel(contract);
  const answer: unknown = JSON.parse(await channel.submit("run", [], { txId: "t", timeMs: 0, attributes: {} }));
  return { answer, asked, rows: channel.dump().length };
}

it("reads what it wrote, each row once from the state, and writes once", async () => {
  const found = await run(async (unit) => {
    const key = unit.key("row", "a");
    const before = await unit.read(key);
    unit.write(key, { value: 1 });
    unit.write(key, { value: 2 });
    const after = await unit.read(key);
    const committed = await unit.committed(key);
    await unit.commit();
    return [before ?? "nothing", after, committed ?? "nothing"];
  });
  expect(found).toEqual({ answer: ["nothing", { value: 2 }, "nothing"], asked: ["get", "put"], rows: 1 });
});

it("removes, and leaves what it never commits", async () => {
  const found = await run(async (unit) => {
    const key = unit.key("row", "a");
    unit.write(key, { value: 1 });
    unit.remove(key);
    const removed = (await unit.read(key)) === undefined;
    await unit.commit();
    unit.write(key, { value: 3 });
    return removed;
  });
  expect(found).toEqual({ answer: true, asked: [], rows: 0 });
});
