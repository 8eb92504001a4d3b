import { METHODS } from "node:http";
import Fastify, { type FastifyInstance } from "fastify";
import { limits } from "./limits.ts";

export type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";

/**
 * An HTTP server with the limits of this package and nothing else: each dialect registers itself in a scope of its own. Queries are
 * not parsed here, because each dialect reads the raw request target strictly and once. Every method that HTTP knows reaches the
 * routes, so that a dialect can refuse it in its vendor's form.
 */
export function createHttpServer(
  options: { readonly https?: { readonly key: string; readonly cert: string } } = {},
): FastifyInstance {
  const server = createInstance(options.https);
  for (const method of METHODS) {
    if (method !== "CONNECT" && !server.supportedMethods.includes(method)) server.addHttpMethod(method);
  }
  return server;
}

function createInstance(tls: { readonly key: string; readonly cert: string } | undefined): FastifyInstance {
  const shared = {
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestTimeoutMs,
    forceCloseConnections: "idle" as const,
    routerOptions: { maxParamLength: limits.pathParameterBytesMax, querystringParser: () => ({}) },
  };
  const http = { maxHeaderSize: limits.headerBytesMax };
  if (tls === undefined) return Fastify({ ...shared, http });
  // The instance types differ only in the raw server class, which no dialect touches.
  return Fastify({ ...shared, https: { ...http, ...tls } }) as unknown as FastifyInstance;
}
