import type { Evidence } from "@concordat/api-kit";
import { routes as aliyunLtl } from "../aliyun-ltl/routes/table.ts";
import { routes as native } from "../native/routes/table.ts";

const all = (table: Readonly<Record<string, { readonly id: string }>>) => Object.values(table).map(({ id }) => id);

/**
 * Tests that drive whole tables over HTTP. A test of this package checks that each file exists; each of these files runs over the rows of
 * the table itself, so a new row is driven or the test fails.
 */
export const evidence: readonly Evidence[] = [
  { test: "packages/dialects/src/aliyun-ltl/conformance.test.ts", operations: all(aliyunLtl) },
  {
    test: "packages/dialects/src/aliyun-ltl/official-clients.test.ts",
    client: "@alicloud/pop-core",
    operations: all(aliyunLtl),
  },
  {
    test: "packages/dialects/src/aliyun-ltl/official-clients.test.ts",
    client: "@alicloud/openapi-client",
    operations: all(aliyunLtl),
  },
  { test: "packages/dialects/src/native/conformance.test.ts", operations: all(native) },
];
