import type { FastifyInstance } from "@concordat/api-kit";
import type { Logger } from "@concordat/base";

/** What no dialect answers: unknown paths, and faults outside of every dialect's own scope. */
export function registerFallbacks(app: FastifyInstance, dependencies: { readonly log: Logger }): void {
  // A path is not repeated, in answers and in the log: somebody may have put a secret into it.
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).send({ code: "NOT_FOUND", message: "There is nothing here." });
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
      path: request.routeOptions.url,
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    reply.code(500).send({ code: "INTERNAL", message: "The server has a defect; its log says more." });
  });
}

function statusOf(error: unknown): number {
  const status =
    error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
  return status >= 400 && status < 600 ? status : 500;
}
