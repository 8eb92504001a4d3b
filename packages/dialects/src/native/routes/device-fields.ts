import { Type } from "@concordat/api-kit";

export const productKey = Type.String({
  pattern: "^[A-Za-z0-9]{11}$",
  description: "Product key: 11 letters and digits.",
});
export const iotId = Type.String({ pattern: "^[0-9A-F]{24}$", description: "Device identity (ID2): 24 hex digits." });
export const algorithm = Type.Union(
  [Type.Literal("aes-128"), Type.Literal("aes-192"), Type.Literal("aes-256"), Type.Literal("rsa-1024")],
  { description: "Of its key: aes-128, aes-192, aes-256 or rsa-1024." },
);
