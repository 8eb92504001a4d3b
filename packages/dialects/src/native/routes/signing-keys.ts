import { Type } from "@concordat/api-kit";
import { BASE, GET, inPath, operation, POST, SOURCE } from "./common.ts";

const purpose = Type.Union([Type.Literal("oauth"), Type.Literal("bif")], { description: "What the key signs." });
const signingKey = Type.Object({
  keyId: Type.String(),
  purpose,
  createdMs: Type.Integer({ description: "Milliseconds since the epoch." }),
  retiredMs: Type.Union([Type.Integer(), Type.Null()], { description: "Since then it only verifies." }),
});
const exampleKey = { keyId: "0".repeat(32), purpose: "oauth" as const, createdMs: 1_766_000_000_000, retiredMs: null };

export const signingKeyRoutes = {
  listSigningKeys: operation({
    id: "native:listSigningKeys",
    summary: "The keys that sign access tokens of the vendors' forms. Never their private parts.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/signing-keys`,
    permission: "platform:signingKey:list",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: Type.Object({ signingKeys: Type.Array(signingKey) }),
    errors: ["ACCESS_DENIED"],
    example: { input: {}, output: { signingKeys: [exampleKey] } },
  }),
  rotateSigningKey: operation({
    id: "native:rotateSigningKey",
    summary: "Makes the key that signs from now on. Tokens of the one before are good until they expire.",
    source: SOURCE,
    methods: POST,
    path: `${BASE}/signing-keys/{purpose}/rotations`,
    permission: "platform:signingKey:rotate",
    mutating: true,
    input: Type.Object({ purpose }),
    wire: { purpose: inPath("purpose") },
    output: signingKey,
    errors: ["ACCESS_DENIED"],
    example: { input: { purpose: "oauth" }, output: exampleKey },
  }),
};
