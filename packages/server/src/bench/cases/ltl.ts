import { InvariantError, systemClock, systemRandom } from "@concordat/base";
import { DeviceSigner, parseProvisioning } from "@concordat/device";
import type { BenchCase, BenchResult } from "../bench.ts";
import { benchCatalog } from "../catalog.ts";
import { evidenceKey, evidenceValue } from "../evidence-data.ts";
import { BenchConnection } from "../http-client.ts";
import { measurePosts } from "../http-load.ts";
import { round } from "../measure.ts";
import { NativeCalls } from "../native-calls.ts";
import { rpcCaller } from "../rpc-call.ts";
import { type ServerProcess, startServerProcess } from "../server-process.ts";

const CLIENTS = 64;
const BATCH_ITEMS = 50;
const DEVICES = 1_000;
const VALUE_BYTES = 100;

type Fields = Readonly<Record<string, string>>;

/** Batches of a collaboration, and uploads signed by many devices beside the same uploads without their signatures. */
export const ltlCase: BenchCase = {
  name: "ltl",
  what: benchCatalog.ltl,
  async run({ directory, durationMs }, report) {
    const server = await startServerProcess(directory);
    try {
      const run = new LtlRun(server, durationMs);
      report(await run.batches());
      report(await run.plainUploads());
      report(await run.signedUploads());
    } finally {
      await server.stop();
    }
  },
};

class LtlRun {
  readonly #server: ServerProcess;
  readonly #durationMs: number;
  readonly #form: ReturnType<typeof rpcCaller>;
  #written = 0;

  constructor(server: ServerProcess, durationMs: number) {
    const { accessKeyId, accessKeySecret = "" } = server.bootstrap.aliyun;
    this.#server = server;
    this.#durationMs = durationMs;
    this.#form = rpcCaller({ accessKeyId, accessKeySecret });
  }

  async batches(): Promise<BenchResult> {
    const { collaborationChain } = this.#server.bootstrap.aliyun;
    if (collaborationChain === undefined) throw new InvariantError("The server has no collaboration chain.");
    const BizChainId = collaborationChain.bizChainId;
    const PhaseGroupId = await this.#call({ Action: "CreateMPCoSPhaseGroup", BizChainId, Name: "bench" });
    const PhaseId = await this.#call({ Action: "CreateMPCoSPhase", BizChainId, PhaseGroupId, Name: "bench" });
    const phase = { Action: "BatchUploadMPCoSPhaseTextInfo", BizChainId, PhaseGroupId, PhaseId };
    const measured = await this.#measure(() => ({ ...phase, PhaseDataList: JSON.stringify(this.#items()) }));
    const itemsPerSecond = round(Number(measured["perSecond"]) * BATCH_ITEMS);
    return {
      variant: "BatchUploadMPCoSPhaseTextInfo",
      items: BATCH_ITEMS,
      valueBytes: VALUE_BYTES,
      itemsPerSecond,
      ...measured,
    };
  }

  async plainUploads(): Promise<BenchResult> {
    const measured = await this.#measure(() => this.#evidence("SetData"));
    return { variant: "SetData", valueBytes: VALUE_BYTES, ...measured };
  }

  async signedUploads(): Promise<BenchResult> {
    const signers = await this.#devices();
    const measured = await this.#measure((index) => {
      const fields = this.#evidence("SetDataWithSignature");
      const signer = signers[index % signers.length];
      if (signer === undefined) throw new InvariantError("There are no devices.");
      const signed = signer.sign(fields["Value"] ?? "", String(systemClock.nowMs()));
      return {
        ...fields,
        IotAuthType: signed.iotAuthType,
        IotId: signed.iotId,
        IotIdServiceProvider: signed.iotIdServiceProvider,
        IotDataDigest: signed.iotDataDigest,
        IotSignature: signed.iotSignature,
        IotIdSource: "2",
      };
    });
    return { variant: "SetDataWithSignature", devices: DEVICES, valueBytes: VALUE_BYTES, ...measured };
  }

  /** A product with its devices, which may upload to the proof chain. */
  async #devices(): Promise<readonly DeviceSigner[]> {
    const native = new NativeCalls(this.#server.bootstrap);
    const { productKey } = await native.post("/device-products", { name: "bench" });
    const path = `/device-products/${String(productKey)}/devices`;
    const { devices } = await native.post(path, { algorithm: "aes-128", count: DEVICES });
    await this.#call({
      Action: "RegisterDeviceGroup",
      BizChainId: this.#server.bootstrap.aliyun.proofChain.bizChainId,
      ProductKey: String(productKey),
      DeviceGroupName: "bench",
      AuthorizeType: "ID2",
    });
    const signers: DeviceSigner[] = [];
    // The native API answered a list of identities.
    for (const { iotId } of devices as readonly { readonly iotId: string }[]) {
      const identity = parseProvisioning(await native.post(`/devices/${iotId}/export`, {}));
      signers.push(new DeviceSigner({ identity }, { random: systemRandom }));
    }
    return signers;
  }

  #evidence(action: string): Fields {
    const { productKey, dataTypeCode } = this.#server.bootstrap.aliyun.proofChain;
    this.#written += 1;
    const Key = evidenceKey(productKey, dataTypeCode, this.#written);
    return { Action: action, ProductKey: productKey, Key, Value: evidenceValue(this.#written, VALUE_BYTES) };
  }

  #items() {
    return Array.from({ length: BATCH_ITEMS }, () => {
      this.#written += 1;
      const dataKey = this.#written.toString(16).padStart(64, "0");
      return { dataKey, phaseData: evidenceValue(this.#written, VALUE_BYTES), dataSeq: dataKey };
    });
  }

  #measure(fields: (index: number) => Fields): Promise<BenchResult> {
    const { bootstrap, processId } = this.#server;
    const load = { address: new URL(bootstrap.url), processId, concurrency: CLIENTS, durationMs: this.#durationMs };
    return measurePosts(load, (index) => this.#form(fields(index), systemClock.nowMs())).then((measured) => ({
      concurrency: CLIENTS,
      ...measured,
    }));
  }

  /** One call that must be accepted. @returns its `Data` */
  async #call(fields: Fields): Promise<string> {
    const { hostname, port } = new URL(this.#server.bootstrap.url);
    const connection = await BenchConnection.open(hostname, Number(port));
    try {
      const answer: unknown = JSON.parse(await connection.post(this.#form(fields, systemClock.nowMs())));
      const { Code, Data } = answer as { readonly Code: unknown; readonly Data: unknown };
      if (Code !== 200) throw new InvariantError(`A call of the benchmark was refused: ${JSON.stringify(answer)}`);
      return String(Data);
    } finally {
      connection.close();
    }
  }
}
