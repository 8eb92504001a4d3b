import { expect, it } from "vitest";
import { type Authenticator, authenticateBy } from "./authentication.ts";
import { type CompiledOperation, compileTable } from "./compile.ts";
import { operationFor } from "./operation.ts";
import { Type } from "./typebox.ts";

const row = operationFor<string>()({
  id: "test:show",
  summary: "Shows.",
  source: "test",
  methods: ["GET"],
  path: "/",
  permission: "test:show",
  mutating: false,
  input: Type.Object({}),
  wire: {},
  output: Type.Object({}),
  errors: [],
  example: { input: {}, output: {} },
});
const operation = [...compileTable({ show: row }).values()][0] as CompiledOperation;

interface Shown {
  readonly password?: string;
  readonly token?: string;
}

const scheme = (name: keyof Shown, right: string): Authenticator<string, Shown> => ({
  scheme: name,
  recognizes: (shown) => shown[name] !== undefined,
  async authenticate(shown, { name: operationName }) {
    if (shown[name] !== right) throw new Error(`wrong ${name}`);
    return `${name} for ${operationName}`;
  },
});
const authenticate = authenticateBy<string, Shown>(
  [scheme("token", "t"), scheme("password", "p")],
  () => new Error("nothing shown"),
);

it.each<[Shown, string]>([
  [{ token: "t" }, "token for show"],
  [{ password: "p" }, "password for show"],
  [{ token: "t", password: "wrong" }, "token for show"],
])("%j is recognised", async (shown, caller) => {
  expect(await authenticate(shown, operation)).toBe(caller);
});

it.each<[Shown, string]>([
  [{}, "nothing shown"],
  [{ password: "" }, "wrong password"],
  [{ token: "wrong", password: "p" }, "wrong token"],
])("%j is refused, without a second chance by another scheme", async (shown, message) => {
  await expect(authenticate(shown, operation)).rejects.toThrow(message);
});
