import {
  type CoverageInput,
  coverageHtml,
  coverageReport,
  type FastifyPluginAsync,
  type FastifyRequest,
} from "@concordat/api-kit";
import { routes as aliyunLtl } from "../aliyun-ltl/routes/table.ts";
import { routes as bif } from "../bif/routes/table.ts";
import { iamRoutes as huaweiIam } from "../huawei/routes/table.ts";
import inventory from "../inventory.json" with { type: "json" };
import { routes as native } from "../native/routes/table.ts";
import { routes as oracleStablecoin } from "../oracle-stablecoin/routes/table.ts";
import { routes as supermap } from "../supermap/routes/table.ts";
import { evidence } from "./evidence.ts";

/** What is known about every documented operation: the inventory, every dialect's table, and the tests that drive them. */
export const coverageInput: CoverageInput = {
  inventory,
  tables: {
    "aliyun-ltl": aliyunLtl,
    bif,
    "huawei-iam": huaweiIam,
    native,
    "oracle-stablecoin": oracleStablecoin,
    supermap,
  },
  evidence,
};

/** `GET /coverage`: the report as a page, or as JSON where Accept prefers it. Nothing in it depends on the installation. */
export function coverage(): FastifyPluginAsync {
  const report = coverageReport(coverageInput);
  const json = JSON.stringify(report);
  const html = coverageHtml(report);
  return async (scope) => {
    scope.get("/coverage", async (request, reply) => {
      reply.header("vary", "accept");
      if (wantsHtml(request)) return reply.type("text/html; charset=utf-8").send(html);
      return reply.type("application/json; charset=utf-8").send(json);
    });
  };
}

/** Browsers name text/html; programs name JSON or nothing in particular. Whichever is named first at the highest weight wins. */
function wantsHtml(request: FastifyRequest): boolean {
  const weights = new Map<string, number>();
  for (const range of (request.headers.accept ?? "").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((part) => part.startsWith("q="))?.slice(2) ?? "1");
    weights.set(type, Number.isFinite(weight) ? weight : 0);
  }
  const html = weights.get("text/html") ?? 0;
  return html > 0 && html >= (weights.get("application/json") ?? 0);
}
