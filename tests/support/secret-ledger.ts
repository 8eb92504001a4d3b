import { encodeParameters, type Parameters, signedParameters } from "./aliyun.ts";
import { type DeviceKey, deviceParameters } from "./device-signature.ts";
import type { SecretServer } from "./secret-server.ts";
import type { WireAnswer } from "./wire.ts";

/** A call of the LTL API by the administrator that has to succeed; its signature is looked for from then on. */
export async function ltlCall(server: SecretServer, action: string, parameters: Parameters): Promise<WireAnswer> {
  const signed = signedParameters(action, parameters, server.running.bootstrap.aliyun, "GET");
  server.world.hunt.add(`signature of ${action}`, signed["Signature"] ?? "");
  const answer = await server.world.send(action, { method: "GET", path: `/?${encodeParameters(signed)}` });
  if (answer.body["Success"] !== true) throw new Error(`${action} answered ${answer.text}`);
  return answer;
}

/** A product's devices with keys of two kinds, and a signed upload of one of them to the chain that the first run made. */
export async function useDevices(server: SecretServer): Promise<void> {
  const { bizChainId, productKey: ProductKey, dataTypeCode } = server.running.bootstrap.aliyun.proofChain;
  const { productKey } = (await server.done("createDeviceProduct", { name: "sensor" })).body;
  await newDevice(server, productKey, "rsa-1024");
  const device = await newDevice(server, productKey, "aes-256");
  await server.done("registerDeviceGroup", { id: bizChainId, productKey, name: "sensors" });
  const upload = { ProductKey, Key: `0001_${ProductKey}_${dataTypeCode}_${device.iotId}`, Value: "21.5" };
  await ltlCall(server, "SetDataWithSignature", { ...upload, ...deviceParameters(device, upload.Value) });
}

/** A device with its key handed out. */
export async function newDevice(server: SecretServer, productKey: unknown, algorithm: string): Promise<DeviceKey> {
  const { devices } = (await server.done("createDeviceIdentities", { key: productKey, algorithm })).body;
  const { body } = await server.done("exportDeviceIdentity", { id: Object(devices)[0].iotId });
  // The answer holds to its schema, or its use fails.
  return body as unknown as DeviceKey;
}

/** A record of a phase, on a chain of its own. */
export async function writePhaseData(server: SecretServer) {
  const { body } = await server.done("createChain", { name: "Rice", service: "collaboration" });
  const BizChainId = String(body["bizChainId"]);
  const idOf = async (action: string, parameters: Parameters) =>
    String((await ltlCall(server, action, { BizChainId, ...parameters })).body["Data"]);
  const PhaseGroupId = await idOf("CreateMPCoSPhaseGroup", { Name: "model" });
  const PhaseId = await idOf("CreateMPCoSPhase", { PhaseGroupId, Name: "field" });
  const data = { DataKey: "harvest-7", DataSeq: "1", PhaseData: "500 kg" };
  await ltlCall(server, "UploadMPCoSPhaseTextInfo", { BizChainId, PhaseGroupId, PhaseId, ...data });
  return { bizChainId: BizChainId, phaseGroupId: PhaseGroupId, phaseId: PhaseId, dataKey: data.DataKey };
}
