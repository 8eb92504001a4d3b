import type { RequestListener } from "node:http";
import { createHttpServer, type FastifyInstance } from "@concordat/api-kit";
import { aliyunLtlDialect } from "@concordat/dialects/aliyun-ltl";
import { coverage } from "@concordat/dialects/coverage";
import { nativeDialect } from "@concordat/dialects/native";
import type { Installation } from "../installation.ts";
import type { ServerDependencies } from "../server.ts";
import { VERSION } from "../version.ts";
import { registerFallbacks } from "./fallbacks.ts";
import { registerHealth } from "./health.ts";
import { ledgerHealthOf } from "./ledger-health.ts";
import { registerVerifierPage } from "./verifier-page.ts";

/** Everything that answers requests: the dialects, each in a scope of its own, and what belongs to none of them. */
export interface Application {
  readonly handle: RequestListener;
  readonly instance: FastifyInstance;
  close(): Promise<void>;
}

export async function createApplication(
  options: { readonly region: string },
  installation: Pick<Installation, "platform" | "ledger">,
  dependencies: Pick<ServerDependencies, "clock" | "random" | "log">,
): Promise<Application> {
  const { clock, random, log: logger } = dependencies;
  const { platform, ledger } = installation;
  // Only its routing is used: the listener opens before there is anything to route.
  const app = createHttpServer();
  registerFallbacks(app, dependencies);
  registerHealth(app, ledgerHealthOf(ledger));
  registerVerifierPage(app);
  app.register(coverage());
  app.register(
    aliyunLtlDialect({ platform, region: options.region, clock, random, logger, plainRoot: () => describeServer() }),
  );
  app.register(nativeDialect({ platform, clock, logger }));
  await app.ready();
  return {
    handle: (request, response) => app.routing(request, response),
    instance: app,
    close: async () => app.close(),
  };
}

/** For somebody who opens the address in a browser. */
function describeServer() {
  return {
    name: "Concordat",
    version: VERSION,
    health: "/healthz",
    coverage: "/coverage",
    openapi: ["/openapi/aliyun-ltl.json", "/openapi/native.json"],
    verifier: "/verify.html",
  };
}
