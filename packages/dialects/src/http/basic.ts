import { base64ToBytes, bytesToUtf8 } from "@concordat/base";

export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

export function isBasic(authorization: string | undefined): authorization is string {
  return authorization !== undefined && /^basic /i.test(authorization);
}

/** RFC 7617, UTF-8. Undefined when it is malformed or either half is empty. */
export function readBasic(authorization: string): BasicCredentials | undefined {
  const text = decode(authorization.slice("Basic ".length).trim());
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 1 || colon === text.length - 1) return undefined;
  return { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function decode(base64: string): string | undefined {
  try {
    return bytesToUtf8(base64ToBytes(base64));
  } catch {
    return undefined;
  }
}
