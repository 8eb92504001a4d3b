import type { FastifyInstance } from "@concordat/api-kit";
import { buildVerifierPage } from "../verifier-page.ts";

/** The page needs its inline script and style and nothing else: it may not even ask the server for anything. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** `GET /verify.html`: the offline check of receipts, as a page to keep. */
export function registerVerifierPage(app: FastifyInstance): void {
  app.get("/verify.html", async (_request, reply) => {
    reply.headers({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
    });
    return await buildVerifierPage();
  });
}
