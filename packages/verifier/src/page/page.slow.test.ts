import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FixtureChannel } from "../testing/channel.ts";
import { fixtureOrganization } from "../testing/keys.ts";
import { buildPage } from "./build.ts";

const CHROMIUM = "/usr/bin/chromium";

/** The real page in a real browser, opened from disk as a user would. It fails where Debian's Chromium is missing. */
describe("the page in Chromium", () => {
  let directory: string;
  let browser: Browser;
  let page: Page;
  const requests: string[] = [];
  const complaints: string[] = [];
  const channel = new FixtureChannel();
  channel.addConfig();
  channel.add([{ writes: [{ key: "<b>key</b>", value: "value" }] }, { code: 11 }]);

  const sm = new FixtureChannel([fixtureOrganization("Org1MSP", { sm: true })], undefined, "sm");
  sm.addConfig();
  sm.add([{ writes: [{ key: "key", value: "value" }] }, { code: 11 }]);

  beforeAll(async () => {
    expect(existsSync(CHROMIUM), `${CHROMIUM} is needed: install Debian's package "chromium"`).toBe(true);
    directory = mkdtempSync(join(tmpdir(), "verifier-page-"));
    writeFileSync(join(directory, "page.html"), await buildPage());
    const files = { receipt: channel.receipt(1, 0), refused: channel.receipt(1, 1), trust: channel.trustBundle() };
    for (const [name, json] of Object.entries(files))
      writeFileSync(join(directory, `${name}.json`), JSON.stringify(json));
    writeFileSync(join(directory, "broken.json"), JSON.stringify({ ...files.receipt, leafIndex: 2 }));
    writeFileSync(join(directory, "text.json"), "no JSON");
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    page = await browser.newPage();
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(join(directory, "page.html")).href);
  });

  afterAll(async () => {
    await browser?.close();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  });

  const choose = (slot: "receipt" | "trust", name: string) =>
    page.setInputFiles(`#${slot}`, join(directory, `${name}.json`));
  const status = (expected: string) => page.waitForSelector(`#verdict[data-status="${expected}"]`);

  it("goes from unauthenticated to valid, refused and invalid as files are chosen", async () => {
    await choose("receipt", "receipt");
    await status("unauthenticated");
    await choose("trust", "trust");
    await status("valid");
    expect(await page.textContent("#contents")).toContain("user@Org1MSP");
    expect(await page.textContent("#contents")).toContain('evidence "<b>key</b>"');
    expect(await page.$$("#contents b")).toHaveLength(0);
    await choose("receipt", "refused");
    await status("refused");
    expect(await page.textContent("#verdict")).toContain("MVCC_READ_CONFLICT");
    await choose("receipt", "broken");
    await status("invalid");
    expect(await page.textContent("#contents h2")).toContain("unproven");
    await choose("receipt", "text");
    await page.waitForSelector("#contents", { state: "hidden" });
    await status("invalid");
    await choose("receipt", "receipt");
    await status("valid");
  });

  it("judges SM receipts by both trees and both kinds of signature", async () => {
    const receipt = sm.receipt(1, 0);
    const files = {
      "sm-receipt": receipt,
      "sm-trust": sm.trustBundle(),
      "sm-broken": { ...receipt, sm3InclusionPath: receipt.inclusionPath },
    };
    for (const [name, json] of Object.entries(files))
      writeFileSync(join(directory, `${name}.json`), JSON.stringify(json));
    await page.reload();
    await choose("trust", "sm-trust");
    await choose("receipt", "sm-receipt");
    await status("valid");
    expect(await page.textContent("#contents")).toContain("Tree root under SM3");
    await choose("receipt", "sm-broken");
    await status("invalid");
  });

  it("takes dropped files and tells receipt from bundle itself", async () => {
    await page.reload();
    const drop = `([names, texts]) => {
      const transfer = new DataTransfer();
      names.forEach((name, at) => transfer.items.add(new File([texts[at]], name)));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }`;
    const texts = [JSON.stringify(channel.trustBundle()), JSON.stringify(channel.receipt(1, 0))];
    await page.evaluate(`(${drop})(${JSON.stringify([["a.json", "b.json"], texts])})`);
    await status("valid");
  });

  it("works by keyboard and names its fields", async () => {
    expect(await page.getByLabel("Receipt").count()).toBe(1);
    expect(await page.getByLabel("Trust bundle").count()).toBe(1);
    expect(await page.getByRole("status").count()).toBe(1);
    expect(await page.getAttribute("html", "lang")).toBe("en");
  });

  it("reaches nothing, and its policy has nothing to complain of", async () => {
    expect(requests.every((url) => url.startsWith("file:"))).toBe(true);
    expect(complaints).toEqual([]);
    const refused = await page.evaluate(`fetch("data:text/plain,x").then(() => "loaded", () => "refused")`);
    expect(refused).toBe("refused");
  });
});
