import type { Handlers } from "@concordat/api-kit";
import type { collaborationAccessRoutes } from "../routes/collaboration-access.ts";
import type { collaborationModelRoutes } from "../routes/collaboration-models.ts";
import type { LtlContext } from "./context.ts";

/** Phase groups, phases, and who may write to them. */
export const collaborationModelHandlers = {
  async ListMultiPartyCollaborationChain(input, { platform, caller }) {
    const { total, items } = await platform.chains.list(caller, { ...input, service: "collaboration" });
    const chains = items.map(({ chain, role }) => ({
      bizChainId: chain.bizChainId,
      role,
      remark: chain.remark,
      name: chain.name,
    }));
    return { page: input.page, pageSize: input.pageSize, total, items: chains };
  },
  async CreateMPCoSPhaseGroup(input, { platform, caller, nonce }) {
    const { txIds, phaseGroupId } = await platform.collaboration.createGroup(caller, input, nonce);
    return { txIds: [...txIds], createdId: phaseGroupId };
  },
  async ListMPCoSPhaseGroup(input, { platform, caller }) {
    const { total, items } = await platform.collaboration.listGroups(caller, input);
    const groups = items.map(({ phaseGroupId, remark, name }) => ({ phaseGroupId, remark, name }));
    return { page: input.page, pageSize: input.pageSize, total, items: groups };
  },
  async ModifyMPCoSPhaseGroup(input, { platform, caller, nonce }) {
    const { txIds } = await platform.collaboration.modifyGroup(caller, input, nonce);
    return { txIds: [...txIds] };
  },
  async CreateMPCoSPhase(input, { platform, caller, nonce }) {
    const { txIds, phaseId } = await platform.collaboration.createPhase(caller, input, nonce);
    return { txIds: [...txIds], createdId: phaseId };
  },
  async ListMPCoSPhase(input, { platform, caller }) {
    const { total, items } = await platform.collaboration.listPhases(caller, input);
    const phases = items.map(({ writable, phaseId, remark, name }) => ({ writable, phaseId, remark, name }));
    return { page: input.page, pageSize: input.pageSize, total, items: phases };
  },
  async ModifyMPCoSPhase(input, { platform, caller, nonce }) {
    const { txIds } = await platform.collaboration.modifyPhase(caller, input, nonce);
    return { txIds: [...txIds] };
  },
  async DescribeMPCoSAuthorizedInfo(input, { platform, caller }) {
    const { authorized, unauthorized } = await platform.collaboration.access(caller, input);
    return { authorized: [...authorized], unauthorized: [...unauthorized] };
  },
  async UpdateMPCoSAuthorizedInfo(input, { platform, caller, nonce }) {
    const { txIds } = await platform.collaboration.updateAccess(caller, input, nonce);
    return { txIds: [...txIds] };
  },
  async DescribeMPCoSResourceInfo({ bizChainId }, { platform, caller }) {
    const { groups, ...quotas } = await platform.collaboration.quotas(caller, bizChainId);
    return { ...quotas, groups: [...groups] };
  },
} satisfies Handlers<typeof collaborationModelRoutes & typeof collaborationAccessRoutes, LtlContext>;
