import { systemClock } from "@concordat/base";
import core, { type BasicCredentials, type Region } from "@huaweicloud/huaweicloud-sdk-core";
import clientBuilder from "@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js";
import type { HcClient } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createIamWorld, type IamWorld, REGION } from "./testing/iam-world.ts";

let world: IamWorld;
beforeEach(async () => {
  world = await createIamWorld(systemClock);
});
afterEach(() => world.dispose());

it("has the project of a region made where there is none yet", async () => {
  const { tenancy } = world.harness.platform;
  const { caller, accessKey } = world.account;
  await tenancy.projects.update(caller, { projectId: world.project.projectId, name: "renamed" });
  const endpoint = `http://${world.host}`;
  const credentials: BasicCredentials = new core.BasicCredentials({
    ak: accessKey.accessKeyId,
    sk: accessKey.secret,
    iamEndpoint: endpoint,
  });
  const region: Region = new core.Region(REGION, [endpoint]);
  const client = new clientBuilder.ClientBuilder((made: HcClient) => made)
    .withCredential(credentials)
    .withRegion(region)
    // Otherwise the client writes a file to the home folder.
    .withOptions({ customUserAgent: "tests" })
    .build();
  // It lists projects, regions and domains, makes the project, and only then calls what it was asked for.
  const call = { method: "GET", url: "/v3/auth/projects", contentType: "application/json", pathParams: {}, data: {} };
  const answer = await client.sendRequest({ ...call, queryParams: {}, headers: {} } as never);
  const { items } = await tenancy.projects.list(caller, { name: REGION, page: 1, pageSize: 10 });
  expect(items).toHaveLength(1);
  expect(credentials.getPathParams()).toEqual({ project_id: items[0]?.projectId });
  const { projects } = answer as unknown as { projects: readonly { id: string; name: string }[] };
  expect(projects.map(({ name }) => name).sort()).toEqual([REGION, `${REGION}_tests`, "renamed"]);
  expect(projects.map(({ id }) => id)).toContain(items[0]?.projectId);
});
