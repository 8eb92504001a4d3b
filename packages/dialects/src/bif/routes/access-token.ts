import { operationFor, type Static, Type } from "@concordat/api-kit";
import type { AdministrationErrorCode, PlatformErrorCode } from "@concordat/platform";
import { inEnvelope } from "../envelope.ts";

const operation = operationFor<PlatformErrorCode | AdministrationErrorCode>();

const accessToken = Type.Object({
  accessToken: Type.String({ description: "A JSON Web Token, HS256." }),
  expireIn: Type.Integer({ description: "Seconds." }),
});

export const accessTokenRoutes = {
  getAccessToken: operation({
    id: "bif:getAccessToken",
    summary: "Gives an access token, good for two hours, for an api_key and its secret.",
    source:
      "BIF open API document 1.5.7, access token (the chapter of the sub-chains names it, without a section of its own)",
    methods: ["POST"],
    path: "/auth/getAccessToken",
    permission: "iam:session:create",
    mutating: false,
    input: Type.Object({
      apiKey: Type.String({ minLength: 1, maxLength: 64, description: "16 characters, or a BID." }),
      apiSecret: Type.String({ minLength: 1, maxLength: 128 }),
    }),
    wire: { apiKey: { in: "body", name: "api_key" }, apiSecret: { in: "body", name: "api_secret" } },
    output: accessToken,
    answer: inEnvelope<Static<typeof accessToken>>(),
    errors: ["CREDENTIALS_WRONG", "CREDENTIALS_SLOWED", "PRINCIPAL_DISABLED"],
    example: {
      input: { apiKey: "Cppt4tn0YEfB20rW", apiSecret: "example-secret" },
      output: { accessToken: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", expireIn: 7_200 },
    },
  }),
};
