import { type HttpMethod, type OutputCodec, operationFor, Type, type WireField } from "@concordat/api-kit";
import type { AdministrationErrorCode, PlatformErrorCode } from "@concordat/platform";

export const operation = operationFor<PlatformErrorCode | AdministrationErrorCode>();

export const BASE = "/api/v1";
export const SOURCE = "Concordat native API, version 1";
export const GET = ["GET"] as const satisfies readonly HttpMethod[];
export const POST = ["POST"] as const satisfies readonly HttpMethod[];
export const DELETE = ["DELETE"] as const satisfies readonly HttpMethod[];
export const PUT = ["PUT"] as const satisfies readonly HttpMethod[];
/** What is left out stays. */
export const PATCH = ["PATCH"] as const satisfies readonly HttpMethod[];

export const inPath = (name: string): WireField => ({ in: "path", name });
export const inBody = (name: string): WireField => ({ in: "body", name });
export const inQuery = (name: string, codec?: WireField["codec"]): WireField =>
  codec === undefined ? { in: "query", name } : { in: "query", name, codec };

/** Answers nothing: HTTP 204. */
export const noContent: OutputCodec<Record<never, never>> = {
  encode: () => ({ data: undefined }),
  decode: () => ({}),
};

export const hex64 = Type.String({ pattern: "^[0-9a-f]{64}$", description: "64 lower-case hex digits." });
export const uid = Type.String({ pattern: "^[0-9]{16}$", description: "16 decimal digits." });
export const bizChainId = Type.String({ pattern: "^[0-9]{16}$", description: "16 decimal digits." });
export const chainCode = Type.String({ minLength: 1, maxLength: 64, description: "Business-chain code (ProductKey)." });
export const evidenceKey = Type.String({ minLength: 1, maxLength: 512, description: "Evidence key." });
export const channelId = Type.String({ pattern: "^[a-z][a-z0-9.-]{0,248}$", description: "Channel id." });
export const blockNumber = Type.Integer({ minimum: 0, description: "Block number, from 0." });
export const name = Type.String({ minLength: 1, maxLength: 256, description: "Name." });

export const EXAMPLE_TX = "ea8752787f79be085d9ee244a1b9ed0deb198903a14b9b1a6800b20fbf0d1c52";
export const EXAMPLE_CHECKPOINT = "concordat/0123456789abcdef/ltl-1\n42\nbG9va3MgbGlrZSBhIHJvb3Q=\nblock 12 00\n\n";
export const EXAMPLE_ORIGIN = "concordat/0123456789abcdef/ltl-1";
