import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { decodeResults } from "../endorsement/results.ts";
import type { ChannelConfig, SimulationAnswer, SimulationStep } from "../ports.ts";
import { createOutsideCast, type OutsideCast, OutsideWorld } from "../testing/outside-world.ts";

type Step<Kind extends SimulationStep["kind"]> = Extract<SimulationStep, { kind: Kind }>;

let cast: OutsideCast;
let world: OutsideWorld;

beforeAll(async () => {
  cast = await createOutsideCast();
});
afterEach(() => world.close());

async function openWorld(parts: Partial<ChannelConfig> = {}): Promise<void> {
  world = await OutsideWorld.open(cast, parts);
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

function rowsOf(answer: SimulationAnswer): readonly string[] {
  if (answer.kind !== "rows") throw new TypeError(`Not rows: ${answer.kind}`);
  return answer.rows.map(({ key, value }) => `${key}=${text(value)}`);
}

function found(answer: SimulationAnswer): string | undefined {
  if (answer.kind !== "value") throw new TypeError(`Not a value: ${answer.kind}`);
  return answer.value === undefined ? undefined : text(answer.value);
}

const range = (start = "", end = ""): Step<"range"> => ({ kind: "range", namespace: "kv", start, end });
const put = (key: string, value: string) => world.ledger.submit(world.call("put", key, value));
const step = (id: number, one: SimulationStep) => world.ledger.simulate(id, one);
const kvOf = (results: Uint8Array) => decodeResults(results)?.find(({ namespace }) => namespace === "kv");

describe("a simulation", () => {
  it("sees the state of its beginning for all its life, and so does one that begins later beside it", async () => {
    await openWorld();
    await Promise.all([put("a", "1"), put("b", "1"), put("c", "1")]);
    const early = await world.open();
    const height = (await world.ledger.status("ch1")).height;
    await put("a", "2");
    const between = await world.open();
    await Promise.all([put("a", "3"), put("d", "3"), world.ledger.submit(world.call("remove", "b"))]);
    await world.ledger.stateHash("ch1");
    await put("c", "4");
    const beside = await world.ledger.openSimulation({ ...world.proposal(), sameStateAs: early });
    expect(beside.height).toBe(height);
    await world.ledger.dropSimulation(early);
    const seen = async (id: number) => [
      found(await step(id, world.get("a"))),
      rowsOf(await step(id, range())),
      rowsOf(await step(id, range("b", "d"))),
    ];
    expect(await seen(beside.simulationId)).toEqual(["1", ["a=1", "b=1", "c=1"], ["b=1", "c=1"]]);
    expect(await seen(between)).toEqual(["2", ["a=2", "b=1", "c=1"], ["b=1", "c=1"]]);
    expect(await seen(await world.open())).toEqual(["3", ["a=3", "c=4", "d=3"], ["c=4"]]);
  });

  it("keeps what it sees when those between it and the present end", async () => {
    await openWorld();
    const ids: number[] = [];
    for (const value of ["1", "2", "3", "4", "5"]) {
      await Promise.all([put("a", value), put(`only ${value}`, value)]);
      ids.push(await world.open());
    }
    await put("a", "6");
    for (const dropped of [1, 3, 2]) {
      await world.ledger.dropSimulation(ids[dropped] ?? 0);
      expect(found(await step(ids[0] ?? 0, world.get("a")))).toBe("1");
      expect(rowsOf(await step(ids[0] ?? 0, range()))).toEqual(["a=1", "only 1=1"]);
      for (const later of ["2", "3", "4", "5"]) {
        expect(found(await step(ids[0] ?? 0, world.get(`only ${later}`)))).toBeUndefined();
      }
      expect(found(await step(ids[4] ?? 0, world.get("a")))).toBe("5");
    }
    await world.ledger.dropSimulation(ids[0] ?? 0);
    expect(found(await step(ids[4] ?? 0, world.get("a")))).toBe("5");
  });

  it("goes through long ranges in batches that know nothing of what is written meanwhile", async () => {
    await openWorld();
    const names = Array.from({ length: 250 }, (_, at) => `k${String(at).padStart(3, "0")}`);
    await Promise.all(names.map((name) => put(name, "1")));
    const id = await world.open();
    const seen: string[] = [];
    const sizes: number[] = [];
    let answer = await step(id, range());
    for (let round = 0; ; round += 1) {
      if (answer.kind !== "rows") throw new TypeError("Not rows.");
      seen.push(...rowsOf(answer));
      sizes.push(answer.rows.length);
      if (answer.cursor === undefined) break;
      await Promise.all([
        put("k2005", "9"),
        put("k249", `${round}`),
        world.ledger.submit(world.call("remove", "k120")),
      ]);
      await world.ledger.stateHash("ch1");
      answer = await step(id, { kind: "next", cursor: answer.cursor });
    }
    expect(sizes).toEqual([100, 100, 50]);
    expect(seen).toEqual(names.map((name) => `${name}=1`));
  });

  it("records what it reads and writes as Fabric does", async () => {
    await openWorld();
    await Promise.all(["a", "b", "c", "d"].map((key) => put(key, "1")));
    const { results, writtenNamespaces } = await world.simulate(world.proposal(), [
      world.get("b"),
      world.get("absent"),
      world.get(""),
      range("b", "d"),
      range("b", "d"),
      range("x"),
      world.put("z", "1"),
      world.put("z", "2"),
      world.get("z"),
      { kind: "put", namespace: "kv", key: "y", value: new Uint8Array(0) },
      { kind: "get", namespace: "other", key: "o" },
    ]);
    const version = (index: number) => ({ block: 1, index });
    expect(writtenNamespaces).toEqual(["kv"]);
    expect(decodeResults(results)).toMatchObject([
      {
        namespace: "kv",
        reads: [{ key: "absent" }, { key: "b", version: version(1) }, { key: "z" }],
        rangeQueries: [
          {
            start: "b",
            end: "d",
            exhausted: true,
            reads: [
              { key: "b", version: version(1) },
              { key: "c", version: version(2) },
            ],
          },
          { start: "x", end: "", exhausted: true, reads: [] },
        ],
        writes: [{ key: "y", value: undefined }, { key: "z" }],
        metadataWrites: [],
      },
      { namespace: "other", reads: [{ key: "o" }], writes: [] },
    ]);
    const again = await world.simulate(world.proposal(), [
      { kind: "get", namespace: "other", key: "o" },
      world.put("z", "2"),
      world.get("z"),
      { kind: "delete", namespace: "kv", key: "y" },
      range("b", "d"),
      range("x"),
      world.get("absent"),
      world.get("b"),
    ]);
    expect(again.results).toEqual(results);
  });

  it("ends a range query where it stopped reading", async () => {
    await openWorld();
    await Promise.all(Array.from({ length: 150 }, (_, at) => put(`k${String(at).padStart(3, "0")}`, "1")));
    const { results } = await world.simulate(world.proposal(), [range(), world.put("z", "1")]);
    const [query] = kvOf(results)?.rangeQueries ?? [];
    // One row ahead of the hundred that it gave: so it knew that there are more.
    expect(query).toMatchObject({ start: "", end: "k100", exhausted: false });
    expect(query?.reads).toHaveLength(101);
    const ordering = async (change: string) => {
      const proposal = world.proposal();
      const simulated = await world.simulate(proposal, [range(), world.put("z", "1")]);
      await put(change, "2");
      return (await world.order(world.envelope(proposal, simulated.results))).validationCode;
    };
    expect(await ordering("k101")).toBe(0);
    expect(await ordering("k100")).toBe(12);
    expect(await ordering("k0999")).toBe(12);
  });

  it("runs built-in contracts with the reads and writes of their own", async () => {
    await openWorld();
    await put("n", "4");
    const run = (fn: string, ...args: string[]): Step<"run"> => {
      return { kind: "run", contract: "kv", fn, args, creator: world.call("").creator };
    };
    const proposal = world.proposal();
    const { answers, results } = await world.simulate(proposal, [
      run("add", "n", "3"),
      run("keys", "a", "p"),
      run("announce", "e", "1"),
    ]);
    expect(answers).toMatchObject([
      { kind: "ran", contractVersion: "1", event: undefined },
      { kind: "ran" },
      { kind: "ran", event: { name: "e" } },
    ]);
    expect(answers.map((answer) => (answer.kind === "ran" ? text(answer.result) : ""))).toEqual(["7", '["n"]', ""]);
    expect(kvOf(results)).toMatchObject({
      reads: [{ key: "n", version: { block: 1, index: 0 } }],
      rangeQueries: [{ start: "a", end: "p", exhausted: true, reads: [{ key: "n" }] }],
      writes: [{ key: "event e" }, { key: "n" }],
    });
    const lifecycle = { ...run("QueryDefinitions"), contract: "_lifecycle" };
    const queried = await world.simulate(world.proposal(), [lifecycle]);
    expect(queried.answers.map((answer) => (answer.kind === "ran" ? text(answer.result) : ""))).toEqual([
      '{"definitions":[]}',
    ]);
    const id = await world.open();
    await put("made", "1");
    await expect(step(id, run("nothing"))).rejects.toMatchObject({ code: "FUNCTION_UNKNOWN" });
    await expect(step(id, { ...lifecycle, contract: "other" })).rejects.toMatchObject({ code: "CONTRACT_UNKNOWN" });
    await expect(step(id, run("breakOff"))).rejects.toMatchObject({ code: "CONTRACT_FAILED" });
    await expect(step(await world.open(), run("create", "made", "1"))).rejects.toMatchObject({
      code: "CONTRACT_REFUSED",
    });
    await expect(
      step(id, { ...run("get", "a"), creator: { mspId: "Org1MSP", certificatePem: "none" } }),
    ).rejects.toMatchObject({ code: "ARGUMENT_INVALID" });
  });

  it("pages through ranges, but does not write besides", async () => {
    await openWorld();
    await Promise.all(["a", "b", "c"].map((key) => put(key, "1")));
    const page = (bookmark: string): SimulationStep => ({ ...range("", ""), page: { size: 2, bookmark } });
    const { answers, results } = await world.simulate(world.proposal(), [page(""), page("c")]);
    expect(answers.map((answer) => [rowsOf(answer), answer.kind === "rows" ? answer.bookmark : ""])).toEqual([
      [["a=1", "b=1"], "c"],
      [["c=1"], ""],
    ]);
    expect(kvOf(results)?.rangeQueries).toMatchObject([
      { start: "", end: "b", exhausted: false },
      { start: "c", end: "", exhausted: true },
    ]);
    const reader = await world.open();
    await step(reader, page(""));
    await expect(step(reader, world.put("a", "1"))).rejects.toMatchObject({ code: "SIMULATION_REFUSED" });
    const writer = await world.open();
    await step(writer, world.put("a", "1"));
    await expect(step(writer, page(""))).rejects.toMatchObject({ code: "SIMULATION_REFUSED" });
    await expect(step(reader, { ...range(), page: { size: 0, bookmark: "" } })).rejects.toMatchObject({
      code: "QUERY_INVALID",
    });
  });

  it("answers rich queries and histories as of its height", async () => {
    await openWorld({ stateDatabase: "couchdb" });
    const document = (color: string, size: number) => JSON.stringify({ color, size });
    await Promise.all([put("a", document("red", 3)), put("b", document("red", 1)), put("c", document("blue", 2))]);
    const id = await world.open();
    const query = (text: unknown, page?: { size: number; bookmark: string }): SimulationStep => {
      return { kind: "query", namespace: "kv", query: JSON.stringify(text), ...(page === undefined ? {} : { page }) };
    };
    const red = { selector: { color: "red" }, sort: [{ size: "asc" }] };
    const keys = async (one: SimulationStep) => rowsOf(await step(id, one)).map((row) => row.split("=")[0]);
    expect(await keys(query(red))).toEqual(["b", "a"]);
    await Promise.all([
      put("b", document("blue", 1)),
      put("c", document("red", 0)),
      put("d", document("red", 9)),
      world.ledger.submit(world.call("remove", "a")),
    ]);
    await world.ledger.stateHash("ch1");
    expect(await keys(query(red))).toEqual(["b", "a"]);
    expect(await keys(query({ ...red, skip: 1 }))).toEqual(["a"]);
    const first = await step(id, query(red, { size: 1, bookmark: "" }));
    expect(rowsOf(first)).toEqual([`b=${document("red", 1)}`]);
    const bookmark = first.kind === "rows" ? (first.bookmark ?? "") : "";
    const second = await step(id, query(red, { size: 1, bookmark }));
    expect([rowsOf(second), second.kind === "rows" ? second.bookmark : "none"]).toEqual([
      [`a=${document("red", 3)}`],
      "",
    ]);
    const history = await step(id, { kind: "history", namespace: "kv", key: "a" });
    expect(history.kind === "history" ? history.rows.map(({ value }) => text(value)) : []).toEqual([
      document("red", 3),
    ]);
    const { reads } = kvOf((await world.ledger.finishSimulation(id)).results) ?? { reads: [] };
    expect(reads).toMatchObject([
      { key: "a", version: { block: 1 } },
      { key: "b", version: { block: 1 } },
    ]);
  });

  it("refuses keys and namespaces that are none", async () => {
    await openWorld();
    const id = await world.open();
    const value = Uint8Array.of(1);
    for (const key of ["", "\ud800"]) {
      await expect(step(id, { kind: "put", namespace: "kv", key, value })).rejects.toMatchObject({
        code: "NAME_INVALID",
      });
      await expect(step(id, { kind: "delete", namespace: "kv", key })).rejects.toMatchObject({ code: "NAME_INVALID" });
    }
    for (const namespace of ["", "_config", "_lifecycle", "kv$meta", "a\0b"]) {
      await expect(step(id, { kind: "put", namespace, key: "k", value })).rejects.toMatchObject({
        code: "NAME_INVALID",
      });
    }
    await expect(step(id, { kind: "get", namespace: "_config", key: "config" })).rejects.toMatchObject({
      code: "NAME_INVALID",
    });
    await expect(step(id, range("\ud800"))).rejects.toMatchObject({ code: "ARGUMENT_INVALID" });
    await expect(step(id, { kind: "next", cursor: 7 })).rejects.toMatchObject({ code: "SIMULATION_REFUSED" });
    expect(kvOf((await world.ledger.finishSimulation(id)).results)).toBeUndefined();
  });

  it("writes no metadata for a key that is not there, nor for one that it deletes", async () => {
    await openWorld();
    await put("k", "1");
    const metadata = { kind: "put-metadata", namespace: "kv", name: "m", value: Uint8Array.of(1) } as const;
    const { results } = await world.simulate(world.proposal(), [
      { ...metadata, key: "absent" },
      { ...metadata, key: "k" },
      { kind: "delete", namespace: "kv", key: "k" },
    ]);
    expect(kvOf(results)).toMatchObject({
      reads: [{ key: "absent" }],
      writes: [{ key: "k", value: undefined }],
      metadataWrites: [],
    });
  });
});

describe("open simulations", () => {
  it("are forgotten when they end, when they are not used for five minutes, and when the ledger closes", async () => {
    await openWorld();
    const [used, idle, finished, dropped] = [
      await world.open(),
      await world.open(),
      await world.open(),
      await world.open(),
    ];
    await world.ledger.finishSimulation(finished);
    await world.ledger.dropSimulation(dropped);
    await world.ledger.dropSimulation(dropped);
    world.clock.advance(200_000);
    await step(used, world.get("a"));
    world.clock.advance(100_000);
    expect(found(await step(used, world.get("a")))).toBeUndefined();
    for (const id of [idle, finished, dropped, 999]) {
      await expect(step(id, world.get("a"))).rejects.toMatchObject({ code: "SIMULATION_UNKNOWN" });
      await expect(world.ledger.finishSimulation(id)).rejects.toMatchObject({ code: "SIMULATION_UNKNOWN" });
    }
    world.clock.advance(299_999);
    expect(found(await step(used, world.get("a")))).toBeUndefined();
    world.clock.advance(300_000);
    await expect(step(used, world.get("a"))).rejects.toMatchObject({ code: "SIMULATION_UNKNOWN" });
  });

  it("are 1,024 at most, take one step at a time, and share a state within a channel only", async () => {
    await openWorld();
    const first = await world.open();
    const [one, two] = await Promise.allSettled([step(first, range()), step(first, range())]);
    expect([one.status, two.status]).toEqual(["fulfilled", "rejected"]);
    await world.ledger.createChannel(
      world.config({ channelId: "ch2", origin: "concordat/0123456789abcdef/ch2" }),
      world.signers,
    );
    await expect(
      world.ledger.openSimulation({ ...world.proposal(), channelId: "ch2", sameStateAs: first }),
    ).rejects.toMatchObject({ code: "SIMULATION_REFUSED" });
    for (let count = 1; count < 1_024; count += 1) await world.open();
    await expect(world.open()).rejects.toMatchObject({ code: "SIMULATION_REFUSED" });
    await world.ledger.dropSimulation(first);
    await world.open();
  });
});
