import type { CollaborationRecordJson, PhaseItemJson, UploadedItemJson } from "../collaboration/answers.ts";
import { collaborationContract } from "../collaboration/contract.ts";
import { CallingChannel } from "./calling-channel.ts";

export const administrator = "1000000000000001";
export const member = "2000000000000002";
export const stranger = "3000000000000003";

/** A channel of the collaboration contract that the administrator has opened. */
export class CollaborationChannel extends CallingChannel {
  constructor() {
    super(collaborationContract);
  }

  async createGroup(name: string, remark = "", limit = 200): Promise<string> {
    const answer = await this.submit(administrator, "createGroup", name, remark, String(limit));
    return (answer as { readonly groupId: string }).groupId;
  }

  async createPhase(groupId: string, name: string, remark = "", limit = 5): Promise<string> {
    const answer = await this.submit(administrator, "createPhase", groupId, name, remark, String(limit));
    return (answer as { readonly phaseId: string }).phaseId;
  }

  async upload(place: Place, item: PhaseItemJson, options: UploadOptions = {}): Promise<UploadedItemJson> {
    const fn = options.kind === "digest" ? "uploadDigest" : "uploadText";
    const args = [place.groupId, place.phaseId, JSON.stringify(item), options.deviceJson ?? ""];
    const [uploaded] = (await this.submit(options.uid ?? administrator, fn, ...args)) as readonly UploadedItemJson[];
    if (uploaded === undefined) throw new Error("An upload answers what it wrote.");
    return uploaded;
  }

  async uploadBatch(
    place: Place,
    items: readonly PhaseItemJson[],
    options: UploadOptions = {},
  ): Promise<readonly UploadedItemJson[]> {
    const fn = options.kind === "digest" ? "uploadDigestBatch" : "uploadTextBatch";
    const args = [place.groupId, place.phaseId, JSON.stringify(items), options.deviceJson ?? ""];
    return (await this.submit(options.uid ?? administrator, fn, ...args)) as readonly UploadedItemJson[];
  }

  async describe(place: Place, dataKey: string, dataSeq = ""): Promise<CollaborationRecordJson> {
    const args = [place.groupId, place.phaseId, dataKey, dataSeq];
    return (await this.read(stranger, "describe", ...args)) as CollaborationRecordJson;
  }
}

export interface Place {
  readonly groupId: string;
  readonly phaseId: string;
}

export interface UploadOptions {
  readonly kind?: "text" | "digest";
  readonly uid?: string;
  readonly deviceJson?: string;
}

export async function openCollaboration(): Promise<CollaborationChannel> {
  const channel = new CollaborationChannel();
  await channel.submit(administrator, "open");
  return channel;
}
