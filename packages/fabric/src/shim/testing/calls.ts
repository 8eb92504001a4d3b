import type { CallSimulation, ContractCallRequest, ContractResponse } from "../../contracts/ports.ts";
import { clientCertificatePem } from "./certificate.ts";
import { testProposal } from "./proposal.ts";

let made = 0;

/** A call of the sample contract in a transaction of its own. */
export function callRequest(
  simulation: CallSimulation,
  args: readonly (string | Uint8Array)[],
  more: Partial<ContractCallRequest> & {
    readonly transient?: Readonly<Record<string, string>>;
  } = {},
): ContractCallRequest {
  made += 1;
  const { transient, ...rest } = more;
  const txId = rest.txId ?? `tx${made}`;
  const channelId = "mychannel";
  return {
    channelId,
    txId,
    contract: "sample",
    isInit: false,
    args: args.map((arg) => Buffer.from(arg)),
    signedProposal: testProposal({
      txId,
      channelId,
      certificatePem: clientCertificatePem,
      ...(transient === undefined ? {} : { transient }),
    }),
    simulation,
    invoke: () => Promise.reject(new Error("nothing to invoke")),
    timeoutMs: 20_000,
    ...rest,
  };
}

export function textOf(response: ContractResponse): string {
  return Buffer.from(response.payload).toString();
}
