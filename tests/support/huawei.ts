import core from "@huaweicloud/huaweicloud-sdk-core";
import clientBuilder from "@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js";
import type { HcClient } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js";

/** The members of bootstrap.json that the IAM operations need. */
export interface HuaweiAccess {
  readonly endpoint: string;
  readonly iamEndpoint: string;
  readonly domainName: string;
  readonly domainId: string;
  readonly userName: string;
  readonly password: string;
  readonly projectName: string;
  readonly projectId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface HuaweiCall {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly queryParams?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: object;
  /** Headers of the answer that the client adds to its body. */
  readonly responseHeaders?: readonly string[];
}

/** The vendor's official Node core, unmodified: its generic client with one kind of credentials. */
export interface HuaweiNodeClient {
  /** Answers the body, with the HTTP status in `httpStatusCode`; throws what the client throws. */
  call(call: HuaweiCall): Promise<Readonly<Record<string, unknown>>>;
  /** What the client has found out about its project or domain. */
  readonly credentials: { readonly projectId?: string | undefined; readonly domainId?: string | undefined };
}

type Keys = Pick<HuaweiAccess, "iamEndpoint" | "accessKeyId" | "secretAccessKey">;

/** For one project. With a region and no project id the client asks IAM for the project that is named like the region. */
export function basicClient(access: HuaweiAccess, more: { projectId?: string; regionId?: string }): HuaweiNodeClient {
  const credentials = new core.BasicCredentials(keysOf(access));
  if (more.projectId !== undefined) credentials.withProjectId(more.projectId);
  return clientOf(access, credentials, more.regionId);
}

/** For the whole domain: the client asks IAM for its id. */
export function globalClient(access: HuaweiAccess, regionId: string): HuaweiNodeClient {
  return clientOf(access, new core.GlobalCredentials(keysOf(access)), regionId);
}

const keysOf = ({ iamEndpoint, accessKeyId, secretAccessKey }: Keys) => ({
  ak: accessKeyId,
  sk: secretAccessKey,
  iamEndpoint,
});

function clientOf(
  { endpoint }: HuaweiAccess,
  credentials: InstanceType<typeof core.BasicCredentials> | InstanceType<typeof core.GlobalCredentials>,
  regionId: string | undefined,
): HuaweiNodeClient {
  const builder = new clientBuilder.ClientBuilder((client: HcClient) => client).withCredential(credentials);
  const placed =
    regionId === undefined ? builder.withEndpoint(endpoint) : builder.withRegion(new core.Region(regionId, [endpoint]));
  // Otherwise the client writes a file to the home folder.
  const client = placed.withOptions({ customUserAgent: "tests" }).build();
  return {
    credentials,
    async call({ data, ...call }) {
      const defaults = { contentType: "application/json", pathParams: {}, queryParams: {}, headers: {} };
      // As the generated packages of the vendor do it: an empty object where there is nothing to send.
      const options = { ...defaults, ...call, data: data ?? {} };
      const answer: object = await client.sendRequest(options as never);
      return { ...answer };
    },
  };
}
