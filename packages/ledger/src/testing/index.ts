export { contracts as testContracts, kvContract } from "./kv-contract.ts";
export {
  createTestOrganization,
  TEST_INSTALLATION,
  type TestOrganization,
  testChannelConfig,
} from "./organizations.ts";
export {
  createEnvelope,
  createProposal,
  createTestMember,
  type EndorsementRequest,
  endorse,
  type ProposalRequest,
  revocationListOf,
  signEnvelope,
  type TestMember,
  type TestProposal,
} from "./outside-client.ts";
