import { describe, expect, it } from "vitest";
import { commandDescriptors } from "./cli.ts";
import { fileContent } from "./file-content.ts";
import { limits } from "./limits.ts";
import { operationFor } from "./operation.ts";
import { type RequestFault, registerRest } from "./rest.ts";
import { createHttpServer } from "./server.ts";
import { Type } from "./typebox.ts";

const operation = operationFor<never>();

class Refused extends Error {
  readonly statusCode = 400;
  constructor(fault: RequestFault) {
    super(`${fault.kind} ${fault.wireName}`);
  }
}

describe("files and named options", () => {
  const fillCrate = operation({
    id: "fruit:fillCrate",
    summary: "Puts apples in.",
    source: "Fruit reference, 1.2",
    methods: ["POST"],
    path: "/crates/{crate_id}/apples",
    permission: "crate:fill",
    mutating: true,
    input: Type.Object({ crateId: Type.String(), count: Type.Integer() }),
    wire: { crateId: { in: "path", name: "crate_id" }, count: { in: "body", name: "count" } },
    output: Type.Object({ apples: Type.Integer() }),
    errors: [],
    example: { input: { crateId: "a", count: 2 }, output: { apples: 5 } },
  });
  const packCrate = operation({
    id: "fruit:packCrate",
    summary: "Packs.",
    source: "Fruit reference, 1.3",
    methods: ["POST"],
    permission: "crate:pack",
    mutating: true,
    errors: [],
    status: 202,
    path: "/crates/{crate_id}/packings",
    command: { group: "crate", verb: "pack", named: true, repeated: ["labels"] },
    takesFile: true,
    input: Type.Object({
      crateId: Type.String(),
      plan: fileContent({ description: "The plan.", mediaType: "application/pdf" }),
      labels: Type.Array(Type.String()),
      marks: Type.Record(Type.String(), Type.String({ contentEncoding: "base64" })),
    }),
    wire: {
      crateId: { in: "path", name: "crate_id" },
      plan: { in: "body", name: "plan" },
      labels: { in: "body", name: "labels" },
      marks: { in: "body", name: "marks" },
    },
    output: Type.Object({
      jobId: Type.String(),
      bill: fileContent({ description: "The bill.", mediaType: "application/pdf" }),
    }),
    example: {
      input: { crateId: "a", plan: "", labels: ["ripe, red"], marks: {} },
      output: { jobId: "1", bill: "" },
    },
  });

  it("take the words, options and files that the row gives", () => {
    const [packed, filled] = commandDescriptors({ packCrate, fillCrate: fillCrate });
    expect(packed).toMatchObject({ group: "crate", verb: "pack", outputFile: "bill", startsJob: true });
    expect(filled).toMatchObject({ outputFile: undefined, answerToFile: false, startsJob: false });
    const [secret] = commandDescriptors({ fillCrate: { ...fillCrate, command: { answerToFile: true } } });
    expect(secret).toMatchObject({ group: "crate", verb: "fill", outputFile: undefined, answerToFile: true });
    const shown = packed?.options.map(({ flags, named, form, repeated }) => [flags, named, form, repeated]);
    expect(shown).toEqual([
      ["--crate-id <text>", true, "text", false],
      ["--plan <file>", true, "file", false],
      ["--label <text>", true, "text", true],
      ["--marks <name=value>", true, "name=value", true],
    ]);
    expect(filled?.options.every(({ named }) => !named)).toBe(true);
  });

  it("a text of a repeated list stays whole, and a value of a pair becomes base64", () => {
    const [, , label, marks] = commandDescriptors({ packCrate })[0]?.options ?? [];
    expect(label?.parse("ripe, red")).toBe("ripe, red");
    expect(marks?.parse("pin=1=2")).toEqual(["pin", "MT0y"]);
    expect(marks?.parse("pin=")).toEqual(["pin", ""]);
    for (const text of ["pin", "=1", ""]) expect(marks?.parse(text)).toBeUndefined();
  });

  it("a row that takes a file is served only where somebody guards it", async () => {
    const open = createHttpServer();
    const answer = async () => ({ jobId: "1", bill: "" });
    const binding = {
      context: async () => ({}),
      refuse: (fault: RequestFault) => new Refused(fault),
      around: (_call: unknown, work: () => Promise<unknown>) => work(),
    };
    expect(() => registerRest(open, { packCrate }, { packCrate: answer }, binding)).toThrow("from anybody");
    const guarded = createHttpServer();
    let isOpen = false;
    const beforeFile = async () => {
      if (!isOpen) throw new Refused({ kind: "unknown", wireName: "caller" });
    };
    registerRest(guarded, { packCrate }, { packCrate: answer }, { ...binding, beforeFile });
    registerRest(guarded, { fillCrate }, { fillCrate: async () => ({ apples: 1 }) }, binding);
    const payload = { plan: "A".repeat(2 * limits.bodyBytesMax), labels: [], marks: {} };
    const send = () => guarded.inject({ method: "POST", url: "/crates/a/packings", payload });
    expect((await send()).json().message).toBe("unknown caller");
    isOpen = true;
    expect((await send()).statusCode).toBe(202);
    expect((await guarded.inject({ method: "POST", url: "/crates/a/apples", payload })).statusCode).toBe(413);
    await Promise.all([open.close(), guarded.close()]);
  });
});
