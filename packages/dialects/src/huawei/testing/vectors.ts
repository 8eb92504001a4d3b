import { readHeaderLines, type SignedRequest } from "../signing/signed-request.ts";

/** Signed requests of known keys and times. */
export interface SigningVector {
  readonly name: string;
  readonly request: SignedRequest;
  /** The whole header, for each algorithm. */
  readonly authorization: { readonly sha256: string; readonly sm3: string };
  readonly canonicalHash?: string;
}

export const VECTOR_ACCESS_KEY_ID = "AKEXAMPLE0000000001";
export const VECTOR_SECRET = "SKEXAMPLE00000000000000000000000000000001";
export const VECTOR_NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

const PROJECT = "0605768a5300d5762fc3c00180692873";
const EVENTS = `/v2/${PROJECT}/blockchains/b95133b2-b933-8fd5-3421-e3ce793a3e2f/events?type=active_alert`;
const DATE = ["X-Sdk-Date", "20260102T030405Z"] as const;

function request(method: string, target: string, headers: readonly (readonly [string, string])[], body = "") {
  const lines = readHeaderLines([...headers, DATE].flat());
  return { method, target, headers: lines, body: Buffer.from(body) };
}

function authorization(signedHeaders: string, sha256: string, sm3: string, contentHeader = "") {
  const text = (algorithm: string, names: string, signature: string) =>
    `${algorithm} Access=${VECTOR_ACCESS_KEY_ID}, SignedHeaders=${names}, Signature=${signature}`;
  const names = (digest: string) => signedHeaders.replace("#", `${contentHeader}${digest}`);
  return {
    sha256: text("SDK-HMAC-SHA256", names("sha256"), sha256),
    sm3: text("SDK-HMAC-SM3", names("sm3"), sm3),
  };
}

/** Made by the official Python signer (huaweicloudsdkcore 3.1.219); those for SHA-256 agree with the Node signer where it can make them. */
export const signingVectors: readonly SigningVector[] = [
  {
    name: "V1: no body",
    request: request("GET", `/v2/${PROJECT}/blockchains`, [
      ["Content-Type", "application/json"],
      ["Host", "bcs.example.test"],
      ["X-Project-Id", PROJECT],
    ]),
    authorization: authorization(
      "content-type;host;x-project-id;x-sdk-date",
      "727e8070746943244e9abb550e3d3c28de149477b1630525d8d9488f55dfcd17",
      "f0175a1e7ab5cdf94b050f4a85cbb2d95a9faf39bfd3bc1fae1e4bbf445b22e2",
    ),
    canonicalHash: "143fdc34b0816829f72b151638158a1381ffdf35182b1a5aeb38670f9335e991",
  },
  {
    name: "V2: port, query, compact body",
    request: request(
      "POST",
      EVENTS,
      [
        ["Content-Type", "application/json"],
        ["Host", "bcs.example.test:8443"],
        ["X-Project-Id", PROJECT],
      ],
      '{"time_range":"-1.-1.60","step":60000}',
    ),
    authorization: authorization(
      "content-type;host;x-project-id;x-sdk-date",
      "6f4727275a9949a639c955f1d58177094bae8508cf2f201c62ba0242c34244d8",
      "445a33f98338ae15e00c22237b1f1d2fe116e583a2d2b7e90d32530361f7d028",
    ),
    canonicalHash: "ede7db299bab78af45c879fa53339361b41e4154dc9374ff17f9129476c98add",
  },
  {
    name: "V3: user agent signed, spaces in the body",
    request: request(
      "POST",
      EVENTS,
      [
        ["Content-Type", "application/json;charset=utf8"],
        ["User-Agent", "huaweicloud-usdk-python/3.0"],
        ["Host", "bcs.example.test:8443"],
        ["X-Project-Id", PROJECT],
      ],
      '{"time_range": "-1.-1.60", "step": 60000}',
    ),
    authorization: authorization(
      "content-type;host;user-agent;x-project-id;x-sdk-date",
      "4b9fba0052d906bc91e239ae46d8c73b5307701f3bea202fd33b01169105ce2f",
      "4b9005f29b793a6344b087bbb1cfff9a58587fa14a3e09790fe975d2f096863e",
    ),
  },
  {
    name: "V4: multipart, escaped path",
    request: request(
      "POST",
      "/v2/p/blockchains/b/orgs/%E7%BB%84/usercert/u%20a/freeze",
      [
        ["Content-Type", "multipart/form-data; boundary=abc"],
        ["User-Agent", "ua"],
        ["Host", "h.test"],
        ["X-Project-Id", "p"],
        ["X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD"],
        ["X-Sdk-Content-Sm3", "UNSIGNED-PAYLOAD"],
      ],
      "x",
    ),
    authorization: authorization(
      "content-type;host;user-agent;x-project-id;#;x-sdk-date",
      "6b4496deca044ec32af09212930fe1d1a44c69dcc6ef4a623e2086575b585a0e",
      "24cdd031cafd11e3f168c9e8f3c323b1be7027d9462dd0bb9382b685814e81e7",
      "x-sdk-content-",
    ),
  },
];
