import type { Parameter } from "@concordat/api-kit";

/**
 * The text that signature version 1 covers: the method really used, `/`, and all parameters but `Signature`, by name, encoded twice.
 * @source LTL document section 4.2.4, steps 1 and 2
 */
export function rpcStringToSign(method: string, parameters: readonly Parameter[]): string {
  const sorted = parameters.filter(({ name }) => name !== "Signature").sort(byName);
  let text = `${method}&%2F&`;
  for (let index = 0; index < sorted.length; index += 1) {
    const parameter = sorted[index];
    if (parameter === undefined) continue;
    if (index > 0) text += "%26";
    text += `${encodeAgain(parameter.encodedName)}%3D${encodeAgain(parameter.encodedValue)}`;
  }
  return text;
}

function byName(a: Parameter, b: Parameter): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Encoded text holds unreserved characters and percent signs only, so a second encoding touches just those. */
function encodeAgain(encoded: string): string {
  return encoded.includes("%") ? encoded.replaceAll("%", "%25") : encoded;
}
