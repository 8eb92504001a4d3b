import { PlatformError } from "../errors.ts";

/** @param place for instance `Statement[0].Action[2]`; empty for the document itself */
export function policyFault(place: string, what: string): PlatformError {
  const subject = place === "" ? "The policy document" : place;
  return new PlatformError("POLICY_INVALID", `${subject} ${what}.`, { facts: { place } });
}

/** @throws PlatformError POLICY_INVALID unless it is an object with these fields and no others */
export function requireFields(
  value: unknown,
  place: string,
  needed: readonly string[],
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  const fields = requireObject(value, place);
  const inside = (name: string) => (place === "" ? name : `${place}.${name}`);
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) throw policyFault(inside(name.slice(0, 64)), "is not supported");
  }
  for (const name of needed) {
    if (fields[name] === undefined) throw policyFault(inside(name), "is missing");
  }
  return fields;
}

/** @throws PlatformError POLICY_INVALID */
export function requireObject(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw policyFault(place, "must be an object");
  return { ...value };
}

/** @throws PlatformError POLICY_INVALID unless it is a list of 1 to `countMax` entries */
export function requireList(value: unknown, place: string, countMax: number): readonly unknown[] {
  if (Array.isArray(value) && value.length >= 1 && value.length <= countMax) return value;
  throw policyFault(place, `must be a list of 1 to ${countMax} entries`);
}
