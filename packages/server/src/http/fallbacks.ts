import type { FastifyInstance } from "@concordat/api-kit";
import type { Logger } from "@concordat/base";

/** What no dialect answers: unknown paths, and faults outside of every dialect's own scope. */
export function registerFallbacks(app: FastifyInstance, dependencies: { readonly log: Logger }): void {
  app.setNotFoundHandler((request, reply) => {
    reply
      .code(404)
      .send({ code: "NOT_FOUND", message: `There is nothing at ${request.method} ${pathOf(request.url)}.` });
  });
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status < 500) {
      reply
        .code(status)
        .send({ code: "REQUEST_REFUSED", message: error instanceof Error ? error.message : "Refused." });
      return;
    }
    dependencies.log.error("request failed", {
      method: request.method,
      path: pathOf(request.url),
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    reply.code(500).send({ code: "INTERNAL", message: "The server has a defect; its log says more." });
  });
}

/** Without the query: it may hold credentials. */
function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? "";
}

function statusOf(error: unknown): number {
  const status =
    error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
  return status >= 400 && status < 600 ? status : 500;
}
