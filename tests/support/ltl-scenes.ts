import { createHash } from "node:crypto";
import {
  createLtlInfo,
  type DeviceProvisioning,
  LTL_OK,
  ltlGetSignature,
  ltlInit,
  ltlRelease,
} from "@concordat/device";
import { type AccessKey, evidenceKey } from "./aliyun.ts";
import { createNativeApi, type NativeApi } from "./native.ts";
import type { Bootstrap } from "./server.ts";

/** A user as the scenes' program knows it. */
export interface SceneUser extends AccessKey {
  readonly uid: string;
  readonly name: string;
}

/** What a device signed, with its parameters, as the scenes' program reads it. */
export interface SignedText {
  readonly data: string;
  readonly authType: string;
  readonly iotId: string;
  readonly serviceProvider: string;
  readonly dataDigest: string;
  readonly signature: string;
  readonly source: "2";
}

export interface SceneItem {
  readonly dataKey: string;
  readonly phaseData: string;
  readonly dataSeq?: string;
}

/** Accounts and a device, as the scenes of the document's chapter 6 need them. */
export interface SceneWorld {
  readonly native: NativeApi;
  readonly administrator: SceneUser;
  readonly members: readonly SceneUser[];
  readonly devices: SceneDevices;
}

/** One of each kind of key, all of one product. */
export type SceneDevices = Readonly<Record<DeviceProvisioning["algorithm"], DeviceProvisioning>>;

async function make<Body>(native: NativeApi, path: string, body: object): Promise<Body> {
  const answer = await native.send("POST", path, body);
  if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  // The tests that read it fail where it is not of this shape.
  return answer.body as Body;
}

interface Made {
  readonly principal: { readonly uid: string };
  readonly accessKey: AccessKey;
}

/** Three RAM users of three accounts and one device of each kind of key, all made through the native API. */
export async function createSceneWorld(bootstrap: Bootstrap): Promise<SceneWorld> {
  const native = createNativeApi(bootstrap);
  const members: SceneUser[] = [];
  for (const [account, name] of [
    ["Farm", "大米生产方"],
    ["Mill", "大米加工方"],
    ["Shop", "大米销售方"],
  ] as const) {
    const owner = await make<Made>(native, "/accounts", { name: account });
    const user = await make<Made>(native, `/accounts/${owner.principal.uid}/users`, { name: `${account}-1` });
    members.push({ ...user.accessKey, uid: user.principal.uid, name });
  }
  const { productKey } = await make<{ productKey: string }>(native, "/device-products", { name: "Thermometer" });
  const provision = async (algorithm: DeviceProvisioning["algorithm"]) => {
    const { devices } = await make<{ devices: readonly { iotId: string }[] }>(
      native,
      `/device-products/${productKey}/devices`,
      { algorithm, count: 1 },
    );
    return make<DeviceProvisioning>(native, `/devices/${devices[0]?.iotId}/export`, {});
  };
  const devices: SceneDevices = {
    "aes-128": await provision("aes-128"),
    "aes-192": await provision("aes-192"),
    "aes-256": await provision("aes-256"),
    "rsa-1024": await provision("rsa-1024"),
  };
  const { accessKeyId, accessKeySecret, uid } = bootstrap.aliyun;
  return { native, administrator: { accessKeyId, accessKeySecret, uid, name: "" }, members, devices };
}

/** The text signed anew by the device's library, with the time of now. */
export function signText(device: DeviceProvisioning, data: string): SignedText {
  const code = ltlInit({ provisioning: device });
  if (code !== LTL_OK) throw new Error(`ltlInit returned ${code}`);
  const input = { userData: data, iotIdServiceProvider: device.productKey, timestamp: String(Date.now()) };
  const info = createLtlInfo(input);
  const result = ltlGetSignature(info);
  ltlRelease();
  if (result !== LTL_OK) throw new Error(`ltlGetSignature returned ${result}`);
  return {
    data,
    authType: info.iotAuthType,
    iotId: info.iotId,
    serviceProvider: info.iotIdServiceProvider,
    dataDigest: info.iotDataDigest,
    signature: info.iotSignature,
    source: "2",
  };
}

/** Items as the official client writes them into its one parameter: members in this order, what HTML could read escaped. */
export function listText(items: readonly SceneItem[]): string {
  const ordered = items.map(({ dataKey, phaseData, dataSeq }) => ({ dataKey, phaseData, dataSeq }));
  return JSON.stringify(ordered).replace(
    /[<>&='\u2028\u2029]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const SEQUENCE = "1".padStart(64, "0");
const numbered = (letter: string) => letter + "1".padStart(63, "0");

/** What the scenes write. @source LTL document, section 6.2 */
export const riceUploads = [
  { dataKey: numbered("A"), dataSeq: SEQUENCE, phaseData: '{"大米生产编号" : "374238942389472394720001"}' },
  { dataKey: numbered("B"), dataSeq: SEQUENCE, phaseData: `{"大米加工编号" : "${"97E6FBCE8A9DA6DC".repeat(4)}"}` },
  { dataKey: numbered("C"), dataSeq: SEQUENCE, phaseData: '{"大米销售编号" : "39766baf2885ef042da75236454a0001"}' },
] as const;

export const phaseNames = ["大米种植", "大米加工", "大米销售"] as const;

/** Sent in lists: texts whose signs the official client escapes, and an item without a sequence. */
export const listedItems = {
  text: [
    { dataKey: "batch-text", phaseData: "湿度=40 % & 温度<21.5 °C>" },
    { dataKey: "batch-text-2", phaseData: 'it\'s "21"\n\\', dataSeq: "a" },
  ],
  digest: [
    { dataKey: "batch-digest", phaseData: sha256Hex("one"), dataSeq: "a" },
    { dataKey: "batch-digest", phaseData: sha256Hex("two"), dataSeq: "b" },
  ],
  signedText: [
    { dataKey: "signed-batch", phaseData: "a<b>&c='d'", dataSeq: "a" },
    { dataKey: "signed-batch", phaseData: "水稻\u2028", dataSeq: "b" },
  ],
  signedDigest: [{ dataKey: "signed-digest", phaseData: sha256Hex("three").toUpperCase(), dataSeq: "a" }],
} as const;

/** The settings that the scenes' program reads. */
export function sceneSettings(bootstrap: Bootstrap, world: SceneWorld) {
  const { signedText, signedDigest } = listedItems;
  const { devices } = world;
  return {
    endpoint: new URL(bootstrap.aliyun.endpoint).host,
    administrator: world.administrator,
    members: world.members,
    proof: {
      key: evidenceKey(bootstrap, "scene"),
      plainKey: evidenceKey(bootstrap, "plain"),
      businessId: "ab".repeat(32),
      set: signText(devices["aes-256"], "Proof-Data"),
      attached: signText(devices["aes-128"], "第三条"),
    },
    rice: {
      phaseNames,
      uploads: riceUploads,
      textItems: listedItems.text,
      digestItems: listedItems.digest,
      signedTextItems: signedText,
      signedDigestItems: signedDigest,
      text: signText(devices["aes-192"], "设备数据"),
      digest: signText(devices["rsa-1024"], "only its digest"),
      textBatch: signText(devices["aes-256"], listText(signedText)),
      digestBatch: signText(devices["rsa-1024"], listText(signedDigest)),
    },
  };
}
