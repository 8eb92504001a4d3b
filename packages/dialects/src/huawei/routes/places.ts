import { Type } from "@concordat/api-kit";
import { EXAMPLE_DOMAIN, EXAMPLE_URL, GET, listLinks, operation, selfLink, textOrNull } from "./common.ts";

const domain = Type.Object({
  id: Type.String(),
  name: Type.String(),
  enabled: Type.Boolean(),
  description: Type.String(),
  links: selfLink,
});
const region = Type.Object({
  id: Type.String(),
  type: Type.Literal("public"),
  description: Type.String(),
  parent_region_id: textOrNull,
  locales: Type.Object({ "en-us": Type.String(), "zh-cn": Type.String() }),
  links: selfLink,
});

export const placeRoutes = {
  listAuthDomains: operation({
    id: "huawei-iam:listAuthDomains",
    summary: "The domains that the caller can have a token for: its own.",
    source: "Supplement: IAM API KeystoneListAuthDomains, which the SDKs' global credentials call",
    methods: GET,
    path: "/v3/auth/domains",
    permission: "iam:tenant:listAccessible",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: Type.Object({ domains: Type.Array(domain), links: listLinks }),
    errors: [],
    example: {
      input: {},
      output: {
        domains: [
          {
            id: EXAMPLE_DOMAIN,
            name: "Shipper",
            enabled: true,
            description: "",
            links: { self: `${EXAMPLE_URL}/domains/${EXAMPLE_DOMAIN}` },
          },
        ],
        links: { self: `${EXAMPLE_URL}/auth/domains`, previous: null, next: null },
      },
    },
  }),
  listRegions: operation({
    id: "huawei-iam:listRegions",
    summary: "The one region that this server is.",
    source: "Supplement: IAM API KeystoneListRegions, which the Node SDK calls before it makes a project",
    methods: GET,
    path: "/v3/regions",
    permission: "none: every caller that is recognised",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: Type.Object({ regions: Type.Array(region), links: listLinks }),
    errors: [],
    example: {
      input: {},
      output: {
        regions: [
          {
            id: "cn-north-4",
            type: "public",
            description: "",
            parent_region_id: null,
            locales: { "en-us": "cn-north-4", "zh-cn": "cn-north-4" },
            links: { self: `${EXAMPLE_URL}/regions/cn-north-4` },
          },
        ],
        links: { self: `${EXAMPLE_URL}/regions`, previous: null, next: null },
      },
    },
  }),
};
