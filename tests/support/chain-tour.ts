import { at, type Made, type TourOptions, type TourStep } from "./native-tour.ts";

export interface ChainTourOptions extends Pick<TourOptions, "chain" | "description"> {
  /** A record of a collaboration chain. */
  readonly phaseData: {
    readonly bizChainId: string;
    readonly phaseGroupId: string;
    readonly phaseId: string;
    readonly dataKey: string;
  };
}

const nothing = () => ({});

/**
 * As nativeTour, and after it: chains, who and what is on them. Before it, whoever calls has to make a product with identities, register the
 * product's group on the chain and let a device upload.
 */
export function chainTour(options: ChainTourOptions): readonly TourStep[] {
  return [...chainSteps(options), ...deviceSteps(options)];
}

function chainSteps({ phaseData, description }: ChainTourOptions): readonly TourStep[] {
  const chain = (made: Made) => ({ id: at(made, "createChain", "bizChainId") });
  const member = (made: Made) => ({ ...chain(made), member: at(made, "addChainMember", "memberId") });
  const { bizChainId: id, phaseGroupId: group, ...record } = phaseData;
  return [
    { operation: "createChain", input: () => ({ name: "Guomi", cryptography: "sm", remark: description }) },
    { operation: "updateChain", input: (made) => ({ ...chain(made), quotas: { memberQuota: 9 } }) },
    { operation: "listChains", input: nothing },
    {
      operation: "addChainMember",
      input: (made) => ({ ...chain(made), memberUid: at(made, "createRamUser", "principal", "uid"), contact: "Ada" }),
    },
    { operation: "listChainMembers", input: chain },
    { operation: "updateChainMember", input: (made) => ({ ...member(made), phone: "0571-1", remark: description }) },
    { operation: "lockChainMember", input: member },
    { operation: "unlockChainMember", input: member },
    { operation: "getChainMemberUsage", input: chain },
    { operation: "listPhaseGroups", input: () => ({ id }) },
    { operation: "listPhases", input: () => ({ id, group }) },
    { operation: "getChainProvenance", input: () => ({ id, phaseGroupId: group, ...record }) },
  ];
}

function deviceSteps({ chain, description }: ChainTourOptions): readonly TourStep[] {
  const product = (made: Made) => ({ key: at(made, "createDeviceProduct", "productKey") });
  const identity = (made: Made) => ({ id: at(made, "createDeviceIdentities", "devices", "0", "iotId") });
  const group = (made: Made) => ({
    id: chain.bizChainId,
    group: at(made, "registerDeviceGroup", "deviceGroupId"),
  });
  const device = (made: Made) => ({ ...group(made), device: at(made, "listDevices", "devices", "0", "deviceId") });
  return [
    { operation: "listDeviceGroups", input: () => ({ id: chain.bizChainId }) },
    { operation: "listDevices", input: group },
    { operation: "unauthorizeDevice", input: device },
    { operation: "authorizeDevice", input: device },
    { operation: "unauthorizeDeviceGroup", input: group },
    { operation: "authorizeDeviceGroup", input: group },
    { operation: "listDeviceIdentities", input: product },
    { operation: "getDeviceIdentity", input: identity },
    { operation: "updateDeviceIdentity", input: (made) => ({ ...identity(made), enabled: false }) },
    {
      operation: "createDeviceProduct",
      input: () => ({ name: "thermometer", bizChainId: chain.bizChainId, description }),
    },
    { operation: "listDeviceProducts", input: nothing },
    { operation: "getDeviceProduct", input: product },
    { operation: "deleteDeviceProduct", input: product },
  ];
}
