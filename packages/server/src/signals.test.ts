import { EventEmitter } from "node:events";
import { ManualClock, silentLogger } from "@concordat/base";
import { expect, it } from "vitest";
import { stopOnSignals } from "./signals.ts";

function start(stop: () => Promise<void>) {
  const events = new EventEmitter();
  const clock = new ManualClock(0);
  const exits: number[] = [];
  const options = { stop, exit: (code: number) => exits.push(code) };
  stopOnSignals(options, { clock, log: silentLogger, events: events as unknown as NodeJS.Process });
  return { events, clock, exits };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it.each(["SIGTERM", "SIGINT"])("stops in order on %s and ends with 0", async (signal) => {
  let stopped = false;
  const { events, exits } = start(async () => {
    stopped = true;
  });
  events.emit(signal);
  await turn();
  expect([stopped, exits]).toEqual([true, [0]]);
});

it("ends at once on a second signal, but takes one Ctrl-C that comes twice for one", () => {
  const { events, clock, exits } = start(() => new Promise(() => {}));
  events.emit("SIGINT");
  clock.advance(100);
  events.emit("SIGINT");
  expect(exits).toEqual([]);
  clock.advance(1_000);
  events.emit("SIGINT");
  expect(exits).toEqual([130]);
});

it("ends with 1 when stopping fails", async () => {
  const { events, exits } = start(() => Promise.reject(new TypeError("broken")));
  events.emit("SIGTERM");
  await turn();
  expect(exits).toEqual([1]);
});
