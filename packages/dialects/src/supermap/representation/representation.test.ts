import { Type } from "@concordat/api-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IserverRefusal } from "../errors.ts";
import { encodeRepresentation } from "./encode.ts";
import { readAddress } from "./formats.ts";
import { htmlPage } from "./html.ts";
import { effectiveMethod, memberFor, readEntity, readQuery } from "./request.ts";
import { readXmlEntity } from "./xml-read.ts";
import { xmlDocument } from "./xml-write.ts";

const frame = { title: "t", resource: "/iserver/x", methods: ["GET"] };
const utf8 = (text: string) => new TextEncoder().encode(text);
const refusal = (status: number) => expect.objectContaining({ code: "ISERVER_REFUSED", status });

describe("addresses", () => {
  it.each([
    ["/a/usercerts.json", "GET", "/a/usercerts", "json"],
    ["/a/usercerts.rjson", "PUT", "/a/usercerts", "rjson"],
    ["/a/one.two.xml", "GET", "/a/one.two", "xml"],
    ["/a/usercerts", "GET", "/a/usercerts", "html"],
    ["/a/usercerts", "HEAD", "/a/usercerts", "rjson"],
    ["/a/usercerts", "POST", "/a/usercerts", "rjson"],
    ["/a.json/usercerts", "POST", "/a.json/usercerts", "rjson"],
  ])("%s by %s is %s as %s", (path, method, resource, format) => {
    expect(readAddress(path, method)).toEqual({ resource, format });
  });

  it.each(["/a/usercerts.jsonp", "/a/usercerts.", "/a/usercerts.JSON", "/a/usercerts.json.gz"])(
    "%s is refused",
    (path) => {
      expect(() => readAddress(path, "GET")).toThrow(refusal(406));
    },
  );
});

describe("what is written", () => {
  const value = { name: "a & <b>", list: ["x", "y"], objects: [{ n: 1 }], none: null, "odd name": true };

  it("is the same content in json and rjson", () => {
    const json = encodeRepresentation("json", value, "Cert", frame);
    const rjson = encodeRepresentation("rjson", value, "Cert", frame);
    expect(JSON.parse(rjson.body)).toEqual(JSON.parse(json.body));
    expect(json.body).not.toContain("\n");
    expect(rjson.body).toContain('\n  "name"');
  });

  it("is XML with the names of the types", () => {
    expect(encodeRepresentation("xml", value, "Cert", frame).body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Cert><name>a &amp; &lt;b&gt;</name><list><String>x</String><String>y</String></list>' +
        '<objects><Item><n>1</n></Item></objects><none></none><entry key="odd name">true</entry></Cert>',
    );
    expect(encodeRepresentation("xml", [{ n: 1 }, { n: 2 }], "Cert", frame).body).toContain(
      "<list><Cert><n>1</n></Cert><Cert><n>2</n></Cert></list>",
    );
  });

  it("is a page that runs nothing of what it shows", () => {
    const page = htmlPage(
      { "<script>": '<script>alert("1")</script>' },
      { ...frame, title: "<b>", resource: '/"><script>' },
    );
    expect(page).not.toMatch(/<script|<b>/);
    expect(page).toContain("&lt;script&gt;");
  });

  it("is a text as it is", () => {
    expect(encodeRepresentation("rjson", "text", "String", frame)).toEqual({
      contentType: "text/plain; charset=utf-8",
      body: "text",
    });
  });
});

describe("XML", () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
  // What XML keeps as it is: no control characters, no lone halves of a character.
  const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((each) => !/[\p{Cc}\ufffe\uffff]/u.test(each));

  it("reads what it writes", () => {
    const entity = fc.dictionary(name, fc.oneof(text, fc.dictionary(name, text, { minKeys: 1, maxKeys: 3 })), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(entity, (value) => {
        expect(readXmlEntity(xmlDocument("Entity", value))).toEqual({ ...value });
      }),
    );
  });

  it("refuses everything else in its own terms, whatever it is", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "/",
      "a",
      "<a>",
      "</a>",
      "<a/>",
      "&",
      ";",
      "&lt;",
      "&#0;",
      "<!",
      "<?",
      " ",
      '"',
      "=",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          expect(typeof readXmlEntity(pieces.join(""))).toBe("object");
        } catch (error) {
          expect(error).toBeInstanceOf(IserverRefusal);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['<!DOCTYPE a [<!ENTITY x "y">]><a><b>&x;</b></a>'],
    ["<a><b>&x;</b></a>"],
    ["<a><b>&#0;</b></a>"],
    ["<a><b>&#x110000;</b></a>"],
    ["<a><b>1</c></a>"],
    ["<a><b>1</b></a><a/>"],
    ["<a><b>1</b>text</a>"],
    ["<a><![CDATA[x]]></a>"],
    ["<a><!-- x --></a>"],
    ["<a x='1'/>"],
    [`${"<a>".repeat(20)}${"</a>".repeat(20)}`],
    [`<a>${"<b/>".repeat(1_001)}</a>`],
    [""],
  ])("%s is refused", (xml) => {
    expect(() => readXmlEntity(xml)).toThrow(refusal(400));
  });

  it("has lists where an element is repeated", () => {
    expect(readXmlEntity("<a><b>1</b><c>&#x5b57;&amp;</c><b/></a>")).toEqual({ b: ["1", ""], c: "字&" });
    expect(readXmlEntity('\ufeff<?xml version="1.0"?>\n<a/>')).toEqual({});
  });
});

describe("requests", () => {
  it.each<[string, string | undefined, string | undefined, object]>([
    ['{"a":1}', undefined, "text/plain", { a: 1 }],
    ['{"a":1}', undefined, "application/x-www-form-urlencoded", { a: 1 }],
    ['{"a":1}', "application/json", "application/xml", { a: 1 }],
    ["a=1&b=%E5%AD%97", undefined, "application/x-www-form-urlencoded; charset=UTF-8", { a: "1", b: "字" }],
    ["<e><a>1</a></e>", "application/xml", "application/json", { a: "1" }],
    ["  ", undefined, undefined, {}],
  ])("%s with %s and %s", (body, entityType, contentType, expected) => {
    const headers = { "x-requestentity-contenttype": entityType, "content-type": contentType };
    expect(readEntity(utf8(body), headers)).toEqual(expected);
  });

  it("refuses entities that are no UTF-8", () => {
    expect(() => readEntity(Uint8Array.of(0xff), {})).toThrow(refusal(400));
  });

  it("makes of texts what the row expects", () => {
    const schema = Type.Object({ n: Type.Integer(), b: Type.Boolean(), s: Type.String() });
    expect(memberFor(schema, "n", "12")).toBe(12);
    expect(memberFor(schema, "n", "1.5")).toBe("1.5");
    expect(memberFor(schema, "b", "false")).toBe(false);
    expect(memberFor(schema, "b", "no")).toBe("no");
    expect(memberFor(schema, "s", "12")).toBe("12");
    expect(memberFor(schema, "s", null)).toBeUndefined();
    expect(memberFor(schema, "s", "")).toBeUndefined();
  });

  it("lets only a POST mean another method", () => {
    const query = readQuery("/x?_method=DELETE");
    expect(effectiveMethod("POST", query)).toBe("DELETE");
    expect(effectiveMethod("GET", query)).toBe("GET");
    expect(effectiveMethod("POST", readQuery("/x"))).toBe("POST");
    expect(() => effectiveMethod("POST", readQuery("/x?_method=HEAD"))).toThrow(refusal(400));
  });
});
