import type { RequestListener } from "node:http";
import { createHttpServer, type FastifyInstance } from "@concordat/api-kit";
import { aliyunLtlDialect } from "@concordat/dialects/aliyun-ltl";
import { bifDialect } from "@concordat/dialects/bif";
import { coverage } from "@concordat/dialects/coverage";
import { huaweiIamDialect } from "@concordat/dialects/huawei";
import { nativeDialect } from "@concordat/dialects/native";
import { oracleStablecoinDialect } from "@concordat/dialects/oracle-stablecoin";
import { supermapDialect } from "@concordat/dialects/supermap";
import { defaultTenancyOptions } from "@concordat/platform";
import type { Installation } from "../installation.ts";
import type { ServerDependencies } from "../server.ts";
import { VERSION } from "../version.ts";
import { registerFallbacks } from "./fallbacks.ts";
import { HEALTH_PATH, registerHealth } from "./health.ts";
import { healthOf } from "./installation-health.ts";
import { registerVerifierPage } from "./verifier-page.ts";

/** Everything that answers requests: the dialects, each in a scope of its own, and what belongs to none of them. */
export interface Application {
  readonly handle: RequestListener;
  readonly instance: FastifyInstance;
  close(): Promise<void>;
}

export async function createApplication(
  options: { readonly region: string; readonly huaweiRegion?: string },
  installation: Pick<Installation, "platform" | "ledger" | "ledgerIsElsewhere" | "store" | "ready">,
  dependencies: Pick<ServerDependencies, "clock" | "random" | "log">,
): Promise<Application> {
  const { clock, random, log: logger } = dependencies;
  const { platform } = installation;
  // Only its routing is used: the listener opens before there is anything to route.
  const app = createHttpServer();
  registerFallbacks(app, dependencies);
  registerHealth(app, healthOf(installation));
  const { ready } = installation;
  if (ready !== undefined) {
    // Refusals are said in the words of the API that the call was for.
    app.addHook("onRequest", async (request) => {
      if (request.routeOptions.url !== HEALTH_PATH) await ready();
    });
  }
  registerVerifierPage(app);
  app.register(coverage());
  app.register(
    aliyunLtlDialect({ platform, region: options.region, clock, random, logger, plainRoot: () => describeServer() }),
  );
  // Its one region has the name of the project that every tenant begins with: clients look for a project by their region's name.
  const huaweiRegion = options.huaweiRegion ?? defaultTenancyOptions.projectName;
  app.register(huaweiIamDialect({ platform, region: huaweiRegion, clock, random, logger }));
  app.register(bifDialect({ platform, clock, random, logger }));
  app.register(oracleStablecoinDialect({ platform, clock, random, logger }));
  app.register(supermapDialect({ platform, random, logger }));
  app.register(nativeDialect({ platform, clock, random, logger }));
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
    openapi: [
      "/openapi/aliyun-ltl.json",
      "/openapi/bif.json",
      "/openapi/huawei-iam.json",
      "/openapi/native.json",
      "/openapi/oracle-stablecoin.json",
      "/openapi/supermap.json",
    ],
    verifier: "/verify.html",
  };
}
