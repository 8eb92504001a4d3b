import type { TokenKind } from "../authentication/ports.ts";
import type { CredentialKind } from "../ports.ts";

const kinds: Readonly<Record<TokenKind, CredentialKind>> = {
  iam: "iam-token",
  bif: "bif-token",
  oauth: "oauth-token",
  "iserver-session": "iserver-token",
  "iserver-token": "iserver-token",
  console: "console-session",
};

/** How a caller is said to have been recognised who shows such a token. */
export function credentialKindOf(kind: TokenKind): CredentialKind {
  return kinds[kind];
}
