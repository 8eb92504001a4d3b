import { type FastifyInstance, formText, parseParameters } from "@concordat/api-kit";
import { OAuthRefusal } from "./auth/oauth-errors.ts";

/** Takes forms only. A parameter without a value counts as left out, a repeated one is refused. @source RFC 6749, section 3.2 */
export function parseForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, readForm(Buffer.isBuffer(body) ? body : Buffer.from(body)));
    } catch (error) {
      done(error instanceof Error ? error : new OAuthRefusal("invalid_request", "The form is malformed.", error));
    }
  });
}

function readForm(body: Uint8Array): object {
  const fields = new Map<string, string>();
  for (const { name, value } of parseParameters(formText(body))) {
    if (fields.has(name)) throw new OAuthRefusal("invalid_request", "A parameter is given twice.");
    fields.set(name, value);
  }
  return Object.fromEntries([...fields].filter(([, value]) => value !== ""));
}
