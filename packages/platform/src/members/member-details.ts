import { isName, isRemark } from "../access/names.ts";
import { PlatformError } from "../errors.ts";
import type { MemberDetails } from "./ports.ts";

/**
 * Checks what was given of a member's details.
 * @throws PlatformError NAME_INVALID, MEMBER_CONTACT_INVALID, MEMBER_PHONE_INVALID, REMARK_INVALID
 * @source LTL document, sections 4.2.7.1 and 4.2.7.3
 */
export function requireMemberDetails({ name, contact, phone, remark }: Partial<MemberDetails>): void {
  if (name !== undefined && !isName(name)) throw new PlatformError("NAME_INVALID");
  if (contact !== undefined && !isName(contact)) throw new PlatformError("MEMBER_CONTACT_INVALID");
  if (phone !== undefined && !isPhone(phone)) throw new PlatformError("MEMBER_PHONE_INVALID");
  if (remark !== undefined && !isRemark(remark)) throw new PlatformError("REMARK_INVALID");
}

function isPhone(text: string): boolean {
  return /^[0-9-]{0,20}$/.test(text);
}
