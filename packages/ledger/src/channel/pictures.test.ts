import { expect, it } from "vitest";
import { Pictures } from "./pictures.ts";

const found = (text: string) => ({ value: Buffer.from(text), version: { block: 1, index: 0 } });
const unread = () => {
  throw new Error("Nobody looks at what was before.");
};

it("asks for what was before only once for each key, and only while a picture is open", () => {
  const pictures = new Pictures();
  pictures.keep("n", "k", unread);
  const picture = pictures.take(1);
  pictures.keep("n", "k", () => found("1"));
  pictures.keep("n", "k", unread);
  expect(pictures.image(picture, "n", "k")).toMatchObject({ found: { version: { block: 1, index: 0 } } });
  expect(pictures.image(picture, "n", "other")).toBeUndefined();
  pictures.release(picture);
  expect(pictures.areOpen).toBe(false);
  pictures.keep("n", "k", unread);
});

it("shares a picture of the same height until all its users are gone", () => {
  const pictures = new Pictures();
  const [one, two] = [pictures.take(3), pictures.take(3)];
  expect(one).toBe(two);
  pictures.share(two);
  pictures.release(one);
  pictures.release(one);
  expect(pictures.areOpen).toBe(true);
  pictures.release(one);
  expect(pictures.areOpen).toBe(false);
});

it("gives up the oldest pictures when they hold too much, and counts what is released", () => {
  const pictures = new Pictures({ bytesMax: 10_000 });
  const large = () => found("x".repeat(4_000));
  const old = pictures.take(1);
  pictures.keep("n", "a", large);
  const middle = pictures.take(2);
  pictures.keep("n", "b", large);
  expect([old.isLost, middle.isLost]).toEqual([false, false]);
  pictures.keep("n", "c", large);
  expect([old.isLost, middle.isLost]).toEqual([true, false]);
  expect(pictures.image(middle, "n", "c")?.found?.value).toHaveLength(4_000);
  pictures.release(old);
  pictures.release(middle);
  expect(pictures.areOpen).toBe(false);
  const next = pictures.take(5);
  pictures.keep("n", "a", large);
  pictures.keep("n", "b", large);
  expect(next.isLost).toBe(false);
});

it("hands the images of a picture that ends to the one before it, whose own stand", () => {
  const pictures = new Pictures();
  const old = pictures.take(1);
  pictures.keep("n", "a", () => found("first"));
  const middle = pictures.take(2);
  pictures.keep("n", "a", () => found("second"));
  pictures.keep("n", "b", () => undefined);
  const young = pictures.take(3);
  pictures.release(middle);
  expect(Buffer.from(pictures.image(old, "n", "a")?.found?.value ?? []).toString()).toBe("first");
  expect(pictures.image(old, "n", "b")).toEqual({ found: undefined });
  expect([...pictures.images(old, "n").keys()]).toEqual(["a", "b"]);
  expect(pictures.images(young, "n").size).toBe(0);
});
