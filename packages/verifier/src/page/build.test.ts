import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { buildPage } from "./build.ts";

describe("buildPage", () => {
  it("is one file without any reference to another", async () => {
    const page = await buildPage();
    expect(page).not.toMatch(/https?:\/\//i);
    expect(page).not.toMatch(/<link|<img|<iframe|\ssrc=|\shref=|@import|url\(/i);
    expect(page).not.toMatch(/\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b/);
    expect(page).not.toMatch(/innerHTML|document\.write|\beval\b|new Function/);
  });

  it("has a policy that allows exactly its own script and style", async () => {
    const page = await buildPage();
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1]?.split("; ");
    const inner = (tag: string) => new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? "";
    expect(policy).toEqual([
      "default-src 'none'",
      `script-src 'sha256-${hash("sha256", inner("script"), "base64")}'`,
      `style-src 'sha256-${hash("sha256", inner("style"), "base64")}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(inner("script").length).toBeGreaterThan(10_000);
  });
});
