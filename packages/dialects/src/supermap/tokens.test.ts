import { describe, expect, it } from "vitest";
import { PASSWORD, USER_NAME } from "../testing/sign-in-world.ts";
import { failed, useIserver, wanted, who } from "./iserver.fixture.ts";

const { fixture, manager, send, token } = useIserver();

describe("tokens (createToken and getTokenForm)", () => {
  it("are the answer's whole body, and good in query and header until they expire, over a restart", async () => {
    const response = await send("POST", "tokens.rjson", wanted);
    expect(response.body).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const { body: text } = response;
    const expected = { uid: fixture.world.uid, scope: "tenant", kind: "iserver-token" };
    expect((await manager({ token: text })).json()).toEqual(expected);
    expect((await manager({}, { query: `?token=${text}` })).json()).toEqual(expected);
    await fixture.changeRows();
    fixture.world.harness.clock.advance(60 * 60_000 - 1);
    expect((await manager({ token: text })).statusCode).toBe(200);
    fixture.world.harness.clock.advance(1);
    expect((await manager({ token: text })).json()).toEqual(failed(401));
  });

  it.each<[object, string, boolean]>([
    [{ clientType: "IP", ip: "10.1.2.3" }, "10.1.2.3", true],
    [{ clientType: "IP", ip: "10.1.2.3" }, "::ffff:10.1.2.3", true],
    [{ clientType: "IP", ip: "10.1.2.3" }, "10.1.2.4", false],
    [{ clientType: "IP", ip: "::ffff:10.1.2.3" }, "10.1.2.3", true],
    [{ clientType: "IP", ip: "10.1.2.3" }, "fe80::1%eth0", false],
    [{ clientType: "IP", ip: "fe80::1" }, "fe80::1%eth0", true],
    [{ clientType: "IP", ip: "2001:db8:0:0::1" }, "2001:db8::1", true],
    [{ clientType: "IP", ip: "2001:db8::1" }, "2001:db8::2", false],
    [{ clientType: "RequestIP" }, "the same", true],
    [{ clientType: "RequestIP", ip: "10.1.2.3" }, "10.1.2.3", false],
    [{ clientType: "NONE" }, "10.9.9.9", true],
  ])("%j used from %s: %s", async (more, usedFrom, isGood) => {
    const text = await token(more);
    const response = await manager(
      { token: text },
      { remoteAddress: usedFrom === "the same" ? fixture.remoteAddress : usedFrom },
    );
    expect(response.statusCode).toBe(isGood ? 200 : 401);
  });

  it.each<[string, string | undefined, boolean]>([
    ["http://app.example/maps", "http://app.example/maps", true],
    ["http://app.example/maps", "http://app.example/maps/1?x", true],
    ["http://app.example", "http://app.example/anything", true],
    ["http://app.example/maps", "http://app.example/mapsother", false],
    ["http://app.example/maps", "https://app.example/maps", false],
    ["http://app.example", "http://app.example.evil/", false],
    ["http://app.example", "http://evil/?http://app.example", false],
    ["http://app.example", undefined, false],
    ["http://app.example", "nonsense", false],
  ])("bound to the page %s, used from %s: %s", async (referer, shown, isGood) => {
    const text = await token({ clientType: "Referer", referer });
    const response = await manager({ token: text, ...(shown === undefined ? {} : { referer: shown }) });
    expect(response.statusCode).toBe(isGood ? 200 : 401);
  });

  it.each<[string, object | string, number]>([
    ["a wrong password", { ...wanted, password: "wrong" }, 400],
    ["an unknown user", { ...wanted, userName: "nobody" }, 400],
    ["login's spelling of the user", { ...who, clientType: "NONE", expiration: 60 }, 400],
    ["no client type", { ...wanted, clientType: undefined }, 400],
    ["an unknown client type", { ...wanted, clientType: "ip" }, 400],
    ["no expiry", { ...wanted, expiration: undefined }, 400],
    ["an expiry of 0", { ...wanted, expiration: 0 }, 400],
    ["an expiry before now", { ...wanted, expiration: -1 }, 400],
    ["an expiry beyond a year", { ...wanted, expiration: 525_601 }, 400],
    ["part of a minute", { ...wanted, expiration: 1.5 }, 400],
    ["no address", { ...wanted, clientType: "IP" }, 400],
    ["no address that is one", { ...wanted, clientType: "IP", ip: "localhost" }, 400],
    ["no page", { ...wanted, clientType: "Referer", referer: null }, 400],
    ["no page that is one", { ...wanted, clientType: "Referer", referer: "file:///x" }, 400],
  ])("are refused for %s", async (_name, payload, status) => {
    const response = await send("POST", "tokens.rjson", payload);
    expect(response.json()).toEqual(failed(status));
    expect(response.statusCode).toBe(status);
    expect(response.body).not.toMatch(/canary/);
  });

  it("are asked for as the vendor's client does: nulls, no suffix, and texts for numbers in forms", async () => {
    expect((await send("POST", "tokens", { ...wanted, ip: null, referer: null })).statusCode).toBe(200);
    const form = new URLSearchParams({ ...wanted, expiration: "60", ip: "", referer: "" }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await send("POST", "tokens.rjson", form, headers)).statusCode).toBe(200);
  });

  it("have a form, as data and as a page that sends itself", async () => {
    const data = await send("GET", "tokens.json");
    expect(data.body).toBe('{"userName":"","password":"","clientType":"NONE","ip":"","referer":"","expiration":60}');
    const page = await send("GET", "tokens");
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    for (const name of Object.keys(data.json())) expect(page.body).toContain(`name="${name}"`);
    expect(page.body).toContain("<option>RequestIP</option>");
    expect(page.body).toContain("Methods: GET, POST, HEAD");
    const head = await send("HEAD", "tokens.json");
    expect(head.statusCode).toBe(200);
    expect(head.body).toBe("");
    expect(head.headers["content-length"]).toBe(data.headers["content-length"]);
    expect(head.headers["content-type"]).toBe(data.headers["content-type"]);
  });
});

describe("representations", () => {
  it.each([
    ["json", "application/json; charset=utf-8", /^\{"succeed":true,"referer":/],
    ["rjson", "application/rjson; charset=utf-8", /^\{\n {2}"succeed": true,/],
    ["xml", "application/xml; charset=utf-8", /^<\?xml .*\?>\n<MethodResult><succeed>true<\/succeed><referer>/],
    ["html", "text/html; charset=utf-8", /<th scope="row">succeed<\/th><td><pre>true/],
  ])("%s", async (format, contentType, body) => {
    const response = await send("POST", `login.${format}`, who);
    expect(response.headers["content-type"]).toBe(contentType);
    expect(response.body).toMatch(body);
    const refused = await send("POST", `login.${format}`, { ...who, password: "wrong" });
    expect(refused.statusCode).toBe(401);
    expect(refused.headers["content-type"]).toBe(contentType);
  });

  it.each([
    ["GET", "tokens.jsonp", 406],
    ["GET", "tokens.", 406],
    ["HEAD", "tokens.png", 406],
    ["GET", "nothing.rjson", 404],
    ["GET", "tokens/one.rjson", 404],
    ["PUT", "tokens.rjson", 405],
    ["GET", "login.rjson", 405],
  ] as const)("%s %s answers %i", async (method, path, status) => {
    const response = await send(method, path);
    expect(response.statusCode).toBe(status);
    if (method !== "HEAD") expect(response.json()).toEqual(failed(status));
    if (status === 405) expect(response.headers["allow"]).toContain("POST");
  });

  it("takes XML where the header says so", async () => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>
      <LoginParameter><username>${USER_NAME}</username><password>${PASSWORD}</password><rememberme>true</rememberme></LoginParameter>`;
    const headers = { "x-requestentity-contenttype": "application/xml" };
    expect((await send("POST", "login.rjson", xml, headers)).cookies).toHaveLength(2);
    for (const bad of ["<a", "<!DOCTYPE a><a/>", '<a b="c"/>', "<a>x</a>", "{}"]) {
      expect((await send("POST", "login.rjson", bad, headers)).json(), bad).toEqual(failed(400));
    }
    const other = { "x-requestentity-contenttype": "text/plain" };
    expect((await send("POST", "login.rjson", who, other)).json()).toEqual(failed(400));
  });

  it("takes another method from the query of a POST", async () => {
    expect((await send("POST", "tokens.json?_method=GET")).json()).toMatchObject({ clientType: "NONE" });
    expect((await send("POST", "tokens.json?_method=PUT")).statusCode).toBe(405);
    expect((await send("POST", "tokens.json?_method=PATCH")).statusCode).toBe(400);
    expect((await send("GET", "tokens.json?_method=DELETE")).statusCode).toBe(200);
    expect((await send("POST", "tokens.json?_method=GET&_method=GET")).statusCode).toBe(400);
  });
});
