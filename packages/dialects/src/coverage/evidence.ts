import type { Evidence } from "@concordat/api-kit";
import { routes as aliyunLtl } from "../aliyun-ltl/routes/table.ts";
import { routes as native } from "../native/routes/table.ts";

const POP_CORE = "@alicloud/pop-core";
const OPENAPI_CLIENT = "@alicloud/openapi-client";
const JAVA_CLIENT = "com.aliyun:aliyun-java-sdk-core";

const all = (table: Readonly<Record<string, { readonly id: string }>>) => Object.values(table).map(({ id }) => id);
const ltl = (...actions: readonly (keyof typeof aliyunLtl)[]) => actions.map((action) => aliyunLtl[action].id);

/** Official clients, unmodified, against a server of its own process. Actions are named one by one: each is called there. */
const endToEnd: readonly Evidence[] = [
  {
    test: "tests/slow/java-client.slow.test.ts",
    client: JAVA_CLIENT,
    operations: ltl(
      "ListProofChain",
      "SetData",
      "GetData",
      "GetBlockChainInfo",
      "AttachData",
      "GetHistoryDataCount",
      "GetHistoryDataList",
      "DescribeResourceInfo",
      "DescribeCapacityInfo",
    ),
  },
  ...[POP_CORE, OPENAPI_CLIENT].map((client) => ({
    test: "tests/slow/official-clients.slow.test.ts",
    client,
    operations: ltl("SetData", "GetData", "GetBlockChainInfo"),
  })),
];

/**
 * Tests of the dialects over a platform in memory. Each runs over the rows of its table, so that a new row is driven or the test fails;
 * official clients show there that they take the answers' form.
 */
const onDialects: readonly Evidence[] = [
  ...[POP_CORE, OPENAPI_CLIENT].map((client) => ({
    test: "packages/dialects/src/aliyun-ltl/official-clients.test.ts",
    client,
    operations: all(aliyunLtl),
  })),
  { test: "packages/dialects/src/aliyun-ltl/conformance.test.ts", operations: all(aliyunLtl) },
  { test: "packages/dialects/src/native/conformance.test.ts", operations: all(native) },
];

/** The tests that show rows. A test beside this file holds it to what those files say. */
export const evidence: readonly Evidence[] = [...endToEnd, ...onDialects];
