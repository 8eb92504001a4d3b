import { decimalInteger, type Static, Type } from "@concordat/api-kit";
import {
  EXAMPLE_DOMAIN,
  EXAMPLE_PROJECT,
  EXAMPLE_URL,
  GET,
  id,
  inBody,
  inQuery,
  listLinks,
  name,
  operation,
  optional,
  POST,
  selfLink,
  trueOrFalseInAnyCase,
} from "./common.ts";

const project = Type.Object({
  id: Type.String(),
  name: Type.String(),
  domain_id: Type.String(),
  parent_id: Type.String({ description: "The domain: projects are not nested here." }),
  is_domain: Type.Literal(false),
  enabled: Type.Boolean(),
  description: Type.String(),
  links: selfLink,
});
const projects = Type.Object({ projects: Type.Array(project), links: listLinks });

export type ProjectBody = Static<typeof project>;

const exampleProject = {
  id: EXAMPLE_PROJECT,
  name: "cn-north-4",
  domain_id: EXAMPLE_DOMAIN,
  parent_id: EXAMPLE_DOMAIN,
  is_domain: false as const,
  enabled: true,
  description: "",
  links: { self: `${EXAMPLE_URL}/projects/${EXAMPLE_PROJECT}` },
};
const exampleLinks = (path: string) => ({ self: `${EXAMPLE_URL}${path}`, previous: null, next: null });

export const projectRoutes = {
  listProjects: operation({
    id: "huawei-iam:projects",
    summary: "Projects that fit the filters, of those that the caller may see.",
    source: "Huawei BCS document, section 1.7.3; IAM API KeystoneListProjects for the filters",
    methods: GET,
    path: "/v3/projects",
    permission: "iam:project:list",
    mutating: false,
    input: Type.Object({
      domainId: optional(id),
      name: optional(name),
      parentId: optional(id),
      enabled: optional(Type.Boolean()),
      isDomain: optional(Type.Boolean({ description: "True finds nothing: a domain is no project here." })),
      page: optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: "With per_page only." })),
      perPage: optional(Type.Integer({ minimum: 1, maximum: 5000, description: "With page only." })),
    }),
    wire: {
      domainId: inQuery("domain_id"),
      name: inQuery("name"),
      parentId: inQuery("parent_id"),
      enabled: inQuery("enabled", trueOrFalseInAnyCase),
      isDomain: inQuery("is_domain", trueOrFalseInAnyCase),
      page: inQuery("page", decimalInteger),
      perPage: inQuery("per_page", decimalInteger),
    },
    output: projects,
    errors: ["ACCESS_DENIED"],
    example: {
      input: { name: "cn-north-4" },
      output: { projects: [exampleProject], links: exampleLinks("/projects?name=cn-north-4") },
    },
  }),
  listAuthProjects: operation({
    id: "huawei-iam:auth-projects",
    summary: "Projects that the caller can have a token for.",
    source: "Huawei BCS document, section 1.4.2",
    methods: GET,
    path: "/v3/auth/projects",
    permission: "iam:project:listAccessible",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: projects,
    errors: [],
    example: { input: {}, output: { projects: [exampleProject], links: exampleLinks("/auth/projects") } },
  }),
  createProject: operation({
    id: "huawei-iam:createProject",
    summary: "Makes a project of the caller's domain.",
    source: "Supplement: IAM API KeystoneCreateProject, which the Node SDK calls when a region has no project yet",
    methods: POST,
    status: 201,
    path: "/v3/projects",
    permission: "iam:project:create",
    mutating: true,
    input: Type.Object({
      project: Type.Object({
        name,
        domain_id: optional(id),
        parent_id: optional(id),
        description: optional(Type.String({ maxLength: 255 })),
      }),
    }),
    wire: { project: inBody("project") },
    output: Type.Object({ project }),
    errors: ["ACCESS_DENIED", "TENANT_UNKNOWN", "NAME_INVALID", "NAME_EXISTS", "DESCRIPTION_INVALID"],
    example: {
      input: { project: { name: "cn-north-4", domain_id: EXAMPLE_DOMAIN } },
      output: { project: exampleProject },
    },
  }),
};
