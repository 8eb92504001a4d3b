// A device signs what it measured, and Aliyun's own npm client brings it to the ledger. A signature counts once, and for
// these data alone.
// Start the server first (npm start), then: npm run example:device
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import PopCore from "@alicloud/pop-core";
import { createLtlInfo, LTL_OK, ltlGetSignature, ltlInit, ltlRelease } from "@concordat/device";

const bootstrapFile = process.argv[2] ?? "data/bootstrap.json";
const { url, aliyun } = JSON.parse(readFileSync(bootstrapFile, "utf8"));
const { bizChainId: BizChainId, productKey: ProductKey, dataTypeCode } = aliyun.proofChain;

const client = new PopCore({
  endpoint: aliyun.endpoint,
  apiVersion: "2019-05-10",
  accessKeyId: aliyun.accessKeyId,
  accessKeySecret: aliyun.accessKeySecret,
  opts: { method: "POST", timeout: 60_000 },
});
const call = (action, parameters) => client.request(action, { ApiVersion: "1.0.0", ...parameters });

/** Products and identities of devices are made through the native API. */
async function create(path, body) {
  const credentials = Buffer.from(`${aliyun.accessKeyId}:${aliyun.accessKeySecret}`).toString("base64");
  const response = await fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: {
      authorization: `Basic ${credentials}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${answer.code}, ${answer.title}`);
  return answer;
}

const run = randomBytes(4).toString("hex");
const product = await create("/device-products", { name: `Thermometer-${run}` });
const { devices } = await create(`/device-products/${product.productKey}/devices`, { algorithm: "aes-256" });
// What the device gets, a file there: it holds the device's key, and is handed out this once.
const provisioning = await create(`/devices/${devices[0].iotId}/export`, {});
const { Data: DeviceGroupId } = await call("RegisterDeviceGroup", {
  BizChainId,
  ProductKey: product.productKey,
  DeviceGroupName: "Thermometers",
  AuthorizeType: "ID2",
});

/** On the device. */
function sign(userData) {
  const info = createLtlInfo({
    userData,
    iotIdServiceProvider: provisioning.productKey,
    timestamp: String(Date.now()),
  });
  if (ltlInit({ provisioning }) !== LTL_OK) throw new Error("the device has no identity");
  const code = ltlGetSignature(info);
  ltlRelease();
  if (code !== LTL_OK) throw new Error(`the device did not sign: ${code}`);
  return {
    IotAuthType: info.iotAuthType,
    IotId: info.iotId,
    IotIdServiceProvider: info.iotIdServiceProvider,
    IotDataDigest: info.iotDataDigest,
    IotSignature: info.iotSignature,
    IotIdSource: "2",
  };
}

const record = (id) => ({ ProductKey, Key: `0001_${ProductKey}_${dataTypeCode}_${run}-${id}` });

/** Prints the server's refusal. */
async function refused(what, parameters) {
  const error = await call("SetDataWithSignature", parameters).then(
    () => new Error("it was accepted"),
    (refusal) => refusal,
  );
  if (error.data === undefined) throw error;
  console.log(`${what}: ${error.data.Code}, ${error.data.Message}`);
}

const Value = "21.5 C";
const signed = sign(Value);
await call("SetDataWithSignature", { ...record(1), Value, ...signed });
const { Data: stored } = await call("GetData", record(1));
const { Data: info } = await call("GetBlockChainInfo", record(1));
const { blockHeight, iotId } = JSON.parse(info).blockChainInfo;
console.log(`"${stored}" of device ${iotId} is in block ${blockHeight}`);

await refused("the same signature again", { ...record(2), Value, ...signed });
const Changed = "12.5 C";
const fresh = sign(Value);
await refused("another value", { ...record(2), Value: Changed, ...fresh });
const IotDataDigest = createHash("sha256").update(Changed).digest("hex").toUpperCase();
await refused("another value with its digest", { ...record(2), Value: Changed, ...fresh, IotDataDigest });

const { Data: list } = await call("ListDevice", { BizChainId, DeviceGroupId, Num: 1, Size: 10 });
for (const { IotId, DeviceId, LastSaveTime } of list.PageData) {
  console.log(`device ${DeviceId} is ${IotId}, last upload ${LastSaveTime}`);
}
