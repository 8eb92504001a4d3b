import type { Evidence } from "@concordat/api-kit";
import { routes as aliyunLtl } from "../aliyun-ltl/routes/table.ts";
import { routes as bif } from "../bif/routes/table.ts";
import { iamRoutes as huaweiIam } from "../huawei/routes/table.ts";
import { chainRoutes } from "../native/routes/chains.ts";
import { channelRoutes } from "../native/routes/channels.ts";
import { collaborationRoutes } from "../native/routes/collaboration.ts";
import { deviceGroupRoutes } from "../native/routes/device-groups.ts";
import { deviceIdentityRoutes } from "../native/routes/device-identities.ts";
import { memberRoutes } from "../native/routes/members.ts";
import { receiptRoutes } from "../native/routes/receipts.ts";
import { routes as native } from "../native/routes/table.ts";
import { routes as oracleStablecoin } from "../oracle-stablecoin/routes/table.ts";
import { routes as supermap } from "../supermap/routes/table.ts";

const POP_CORE = "@alicloud/pop-core";
const OPENAPI_CLIENT = "@alicloud/openapi-client";
const JAVA_CLIENT = "com.aliyun:aliyun-java-sdk-core";
const HUAWEI_NODE_CORE = "@huaweicloud/huaweicloud-sdk-core";
const HUAWEI_PYTHON_CORE = "huaweicloudsdkcore";

const all = (table: Readonly<Record<string, { readonly id: string }>>) => Object.values(table).map(({ id }) => id);
const iam = (...names: readonly (keyof typeof huaweiIam)[]) => names.map((name) => huaweiIam[name].id);
const ltl = (...actions: readonly (keyof typeof aliyunLtl)[]) => actions.map((action) => aliyunLtl[action].id);

/** Official clients, unmodified, against a server of its own process. Actions are named one by one where not all are called. */
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
  { test: "tests/slow/ltl-actions.slow.test.ts", client: POP_CORE, operations: all(aliyunLtl) },
  { test: "tests/slow/huawei-iam.slow.test.ts", client: HUAWEI_NODE_CORE, operations: all(huaweiIam) },
  {
    test: "tests/slow/huawei-iam.slow.test.ts",
    client: HUAWEI_PYTHON_CORE,
    operations: iam(
      "createToken",
      "listProjects",
      "listAuthProjects",
      "createProject",
      "listAuthDomains",
      "listRegions",
    ),
  },
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
  {
    test: "packages/dialects/src/native/conformance.test.ts",
    operations: all({ ...receiptRoutes, ...channelRoutes, ...chainRoutes }),
  },
  { test: "packages/dialects/src/native/chain-members.test.ts", operations: all(memberRoutes) },
  {
    test: "packages/dialects/src/native/devices.test.ts",
    operations: all({ ...deviceIdentityRoutes, ...deviceGroupRoutes }),
  },
  { test: "packages/dialects/src/native/provenance.test.ts", operations: all(collaborationRoutes) },
  // It calls every operation of the table, and fails for a new one that it does not know how to call.
  { test: "tests/slow/secrets.slow.test.ts", operations: all(native) },
  { test: "packages/dialects/src/huawei/conformance.test.ts", operations: all(huaweiIam) },
  { test: "packages/dialects/src/bif/access-token.test.ts", operations: all(bif) },
  { test: "packages/dialects/src/oracle-stablecoin/oauth.test.ts", operations: all(oracleStablecoin) },
  {
    test: "packages/dialects/src/supermap/sessions.test.ts",
    operations: [supermap.login.id, supermap.logout.id],
  },
  {
    test: "packages/dialects/src/supermap/tokens.test.ts",
    operations: [supermap.getTokenForm.id, supermap.createToken.id],
  },
];

/** The tests that show rows. A test beside this file holds it to what those files say. */
export const evidence: readonly Evidence[] = [...endToEnd, ...onDialects];
