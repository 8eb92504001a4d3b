import { expect, it } from "vitest";
import { codeOf } from "../testing/harness.ts";
import { HashQueue } from "./hash-queue.ts";

it("runs so many at a time, in turn, and refuses what is too much, each source within its share", async () => {
  const queue = new HashQueue({ runningMax: 2, waitingMax: 5, waitingMaxOfOne: 3 });
  const releases: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => releases.push(resolve));
    running--;
    return "done";
  };
  const results = ["a", "a", "a", "a", "a", "a", "b", "b", "b"].map((source) => codeOf(queue.run(source, work)));
  for (let i = 0; i < 20; i++) {
    releases.shift()?.();
    await new Promise(setImmediate);
  }
  const done = { answered: "done" };
  expect(await Promise.all(results)).toEqual([done, done, done, done, done, "OVERLOADED", done, done, "OVERLOADED"]);
  expect(most).toBe(2);
});

it("goes on after work that failed", async () => {
  const queue = new HashQueue({ runningMax: 1 });
  const failing = queue.run("a", () => Promise.reject(new Error("failed")));
  const next = queue.run("a", async () => "next");
  await expect(failing).rejects.toThrow("failed");
  expect(await next).toBe("next");
});
