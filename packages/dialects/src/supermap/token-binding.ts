import { BlockList, isIP } from "node:net";
import type { Token } from "@concordat/platform";

/** From where a token may be used. @source iServer REST API, tokens: clientType */
export type TokenBinding =
  | { readonly kind: "ip"; readonly ip: string }
  | { readonly kind: "referer"; readonly referer: string };

export interface TokenUse {
  readonly sourceAddress: string | undefined;
  readonly referer: string | undefined;
}

/** Whether a call satisfies what its token was bound to when it was issued. A binding that is not known satisfies nothing. */
export function satisfies(binding: Token["binding"], use: TokenUse): boolean {
  if (binding === undefined) return true;
  const { kind, ip, referer } = binding;
  if (kind === "ip" && typeof ip === "string") return isSameAddress(ip, use.sourceAddress);
  return kind === "referer" && typeof referer === "string" && isWithin(referer, use.referer);
}

/** Addresses have several spellings, and an IPv4 one also travels inside IPv6. */
function isSameAddress(expected: string, shown: string | undefined): boolean {
  const [bound, caller] = [plainAddress(expected), plainAddress(shown ?? "")];
  if (isIP(bound) === 0 || isIP(caller) === 0 || isIP(bound) !== isIP(caller)) return false;
  const list = new BlockList();
  list.addAddress(bound, familyOf(bound));
  return list.check(caller, familyOf(caller));
}

/** Without the zone of a link, and IPv4 inside IPv6 as IPv4. */
function plainAddress(address: string): string {
  const [bare = ""] = address.split("%", 1);
  return /^::ffff:([0-9.]+)$/i.exec(bare)?.[1] ?? bare;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}

/** The shown page is the registered one, or lies below it on the same origin. */
function isWithin(registered: string, shown: string | undefined): boolean {
  if (shown === undefined || !URL.canParse(shown) || !URL.canParse(registered)) return false;
  const expected = new URL(registered);
  const page = new URL(shown);
  if (page.origin !== expected.origin) return false;
  const folder = expected.pathname.endsWith("/") ? expected.pathname : `${expected.pathname}/`;
  return page.pathname === expected.pathname || page.pathname.startsWith(folder);
}
