import { randomBytes } from "node:crypto";
import { type AccessKey, type Answer, type Caller, createCaller, type Parameters } from "./aliyun.ts";
import { type DeviceKey, deviceParameters } from "./device-signature.ts";
import { createNativeApi, type NativeApi } from "./native.ts";
import type { RunningServer } from "./server.ts";

export interface LtlUser {
  readonly key: AccessKey;
  readonly uid: string;
}

/** Somebody on the world's two chains. */
export interface LtlMember extends LtlUser {
  /** On the proof chain. */
  readonly dataTypeCode: string;
  readonly proofMemberId: string;
  readonly collaborationMemberId: string;
  /** A device group of its own on the proof chain, with a device that has uploaded there. */
  readonly deviceGroupId: string;
  readonly deviceId: string;
}

/** One proof chain, one collaboration chain and people of every standing on them. */
export interface LtlWorld {
  readonly caller: Caller;
  readonly native: NativeApi;
  readonly proof: { readonly bizChainId: string; readonly productKey: string; readonly channelId: string };
  readonly collaboration: { readonly bizChainId: string; readonly channelId: string };
  readonly administrator: LtlMember;
  readonly member: LtlMember;
  /** A member that was locked when everything else was in order. */
  readonly locked: LtlMember;
  /** On other chains of both kinds. */
  readonly elsewhere: LtlUser & { readonly dataTypeCode: string };
  /** An access key that nobody has. */
  readonly unknown: AccessKey;
  readonly phaseGroupId: string;
  /** All three people of the collaboration chain may write to it. */
  readonly phaseId: string;
  readonly phaseName: string;
  /** Registered with both chains. */
  readonly device: DeviceKey;
  /** Record under it on the proof chain; the administrator's data-type code. */
  readonly evidence: { readonly key: string; readonly value: string };
  /** Record in the phase. */
  readonly record: { readonly dataKey: string; readonly dataSeq: string; readonly phaseData: string };
}

interface MadeUser {
  readonly principal: { readonly uid: string };
  readonly accessKey: AccessKey;
}

const DETAILS = { MemberContact: "联系人", MemberPhone: "000-0000-0000", Remark: "备注" };

/** Makes what a test needs beside the calls that it tests; every step must succeed. */
export class LtlSetup {
  readonly caller: Caller;
  readonly native: NativeApi;
  readonly #server: RunningServer;

  constructor(server: RunningServer) {
    this.#server = server;
    this.caller = createCaller(server.bootstrap);
    this.native = createNativeApi(server.bootstrap);
  }

  /** A call that must be accepted. @returns `Data` */
  async call(action: string, parameters: Parameters, key: AccessKey = this.#server.bootstrap.aliyun): Promise<unknown> {
    const answer = await this.caller.call(action, parameters, { method: "POST", key });
    if (answer.body["Code"] !== 200) throw new Error(`${action} answered ${answer.text}`);
    return answer.body["Data"];
  }

  async make(path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const { status, body: made } = await this.native.send("POST", path, body);
    if (status >= 300) throw new Error(`${path} answered ${status}: ${JSON.stringify(made)}`);
    return made;
  }

  /** A RAM user of the account that the first run made. */
  async user(name = `user-${randomBytes(4).toString("hex")}`): Promise<LtlUser> {
    const path = `/accounts/${this.#server.bootstrap.aliyun.uid}/users`;
    const { principal, accessKey } = (await this.make(path, { name })) as unknown as MadeUser;
    return { key: accessKey, uid: principal.uid };
  }

  async chain(name: string, service: "proof" | "collaboration") {
    const made = await this.make("/chains", { name, service });
    const text = (field: string) => String(made[field]);
    return {
      bizChainId: text("bizChainId"),
      productKey: text("bizChainCode"),
      channelId: text("channelId"),
      dataTypeCode: text("dataTypeCode"),
    };
  }

  /** @returns the member id */
  async join(bizChainId: string, uid: string, name = "某公司"): Promise<string> {
    return String(
      await this.call("CreateMember", { BizChainId: bizChainId, MemberUid: uid, MemberName: name, ...DETAILS }),
    );
  }

  async dataTypeCode(bizChainId: string, uid: string): Promise<string> {
    const parameters = { BizChainId: bizChainId, MemberUid: uid, Num: "1", Size: "1" };
    const page = (await this.call("ListPSMemberDataTypeCode", parameters)) as {
      PageData: { DataTypeCode: string }[];
    };
    return String(page.PageData[0]?.DataTypeCode);
  }

  async product(): Promise<string> {
    const made = await this.make("/device-products", { name: `product-${randomBytes(4).toString("hex")}` });
    return String(made["productKey"]);
  }

  /** A device of a new product. */
  async device(algorithm: DeviceKey["algorithm"] = "aes-128", productKey?: string): Promise<DeviceKey> {
    const product = productKey ?? (await this.product());
    const made = await this.make(`/device-products/${product}/devices`, { algorithm });
    const [identity] = made["devices"] as { iotId: string }[];
    return (await this.make(`/devices/${identity?.iotId}/export`, {})) as unknown as DeviceKey;
  }

  async group(bizChainId: string, productKey: string, key?: AccessKey): Promise<string> {
    const parameters = {
      BizChainId: bizChainId,
      ProductKey: productKey,
      DeviceGroupName: "数据源组",
      AuthorizeType: "ID2",
    };
    return String(await this.call("RegisterDeviceGroup", parameters, key));
  }
}

/** @param setup of the same server */
export async function createLtlWorld({ bootstrap }: RunningServer, setup: LtlSetup): Promise<LtlWorld> {
  const proof = await setup.chain("World-proof", "proof");
  const collaboration = await setup.chain("World-collaboration", "collaboration");
  const otherProof = await setup.chain("Elsewhere-proof", "proof");
  const otherCollaboration = await setup.chain("Elsewhere-collaboration", "collaboration");
  const BizChainId = collaboration.bizChainId;
  const phaseGroupId = String(await setup.call("CreateMPCoSPhaseGroup", { BizChainId, Name: "协同模型" }));
  const inGroup = { BizChainId, PhaseGroupId: phaseGroupId };
  const phaseName = "大米种植";
  const phaseId = String(await setup.call("CreateMPCoSPhase", { ...inGroup, Name: phaseName }));

  const people = { setup, proof, collaboration: BizChainId, phaseGroupId, phaseId };
  const member = await enrol(people, await setup.user());
  const locked = await enrol(people, await setup.user());
  const elsewhere = await setup.user();
  await setup.join(otherProof.bizChainId, elsewhere.uid);
  await setup.join(otherCollaboration.bizChainId, elsewhere.uid);
  const owner = { key: bootstrap.aliyun, uid: bootstrap.aliyun.uid };
  const own = await uploadingDevice(people, owner, proof.dataTypeCode);
  const ids = { proofMemberId: "", collaborationMemberId: "" };
  const administrator = { ...owner, ...ids, ...own, dataTypeCode: proof.dataTypeCode };

  const device = await setup.device();
  await setup.group(proof.bizChainId, device.productKey);
  await setup.group(BizChainId, device.productKey);
  const evidence = { key: `0001_${proof.productKey}_${proof.dataTypeCode}_first`, value: "first" };
  await setup.call("SetData", { ProductKey: proof.productKey, Key: evidence.key, Value: evidence.value });
  const record = { dataKey: "A".padEnd(64, "0"), dataSeq: "1".padStart(64, "0"), phaseData: '{"编号" : "1"}' };
  await setup.call("UploadMPCoSPhaseTextInfo", {
    ...inGroup,
    PhaseId: phaseId,
    DataKey: record.dataKey,
    DataSeq: record.dataSeq,
    PhaseData: record.phaseData,
  });
  await setup.call("LockMember", { BizChainId: proof.bizChainId, MemberId: locked.proofMemberId });
  await setup.call("LockMember", { BizChainId, MemberId: locked.collaborationMemberId });
  return {
    caller: setup.caller,
    native: setup.native,
    proof,
    collaboration,
    administrator,
    member,
    locked,
    elsewhere: { ...elsewhere, dataTypeCode: await setup.dataTypeCode(otherProof.bizChainId, elsewhere.uid) },
    unknown: { accessKeyId: "LTAI0000000000000000none", accessKeySecret: "none" },
    phaseGroupId,
    phaseId,
    phaseName,
    device,
    evidence,
    record,
  };
}

interface Places {
  readonly setup: LtlSetup;
  readonly proof: { readonly bizChainId: string; readonly productKey: string };
  readonly collaboration: string;
  readonly phaseGroupId: string;
  readonly phaseId: string;
}

async function enrol(places: Places, user: LtlUser): Promise<LtlMember> {
  const { setup, proof, collaboration, phaseGroupId, phaseId } = places;
  const proofMemberId = await setup.join(proof.bizChainId, user.uid);
  const collaborationMemberId = await setup.join(collaboration, user.uid);
  await setup.call("UpdateMPCoSAuthorizedInfo", {
    BizChainId: collaboration,
    MemberId: collaborationMemberId,
    PhaseGroupId: phaseGroupId,
    AuthorizedPhaseList: JSON.stringify([phaseId]),
  });
  const dataTypeCode = await setup.dataTypeCode(proof.bizChainId, user.uid);
  const device = await uploadingDevice(places, user, dataTypeCode);
  return { ...user, dataTypeCode, proofMemberId, collaborationMemberId, ...device };
}

async function uploadingDevice({ setup, proof }: Places, user: LtlUser, dataTypeCode: string) {
  const device = await setup.device();
  const deviceGroupId = await setup.group(proof.bizChainId, device.productKey, user.key);
  const Key = `0001_${proof.productKey}_${dataTypeCode}_device-${device.iotId}`;
  const upload = { ProductKey: proof.productKey, Key, Value: "1", ...deviceParameters(device, "1") };
  await setup.call("SetDataWithSignature", upload, user.key);
  const query = { BizChainId: proof.bizChainId, DeviceGroupId: deviceGroupId, Num: "1", Size: "10" };
  const page = (await setup.call("ListDevice", query)) as { PageData: { DeviceId: string }[] };
  return { deviceGroupId, deviceId: String(page.PageData[0]?.DeviceId) };
}

/** The text code of a refusal or the number of an answer. */
export function codeOf({ body }: Answer): string {
  return String(body["Code"]);
}
