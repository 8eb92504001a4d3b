import type { Contract } from "@concordat/ledger/contract-api";
import { device, devices } from "../devices/list.ts";
import { grant, grants, moveGrants } from "./grants.ts";
import { groups, phases, resources } from "./lists.ts";
import { meter } from "./meter.ts";
import { createGroup, createPhase, modifyGroup, modifyPhase, open } from "./model.ts";
import { provenance } from "./provenance.ts";
import { describe, history } from "./read.ts";
import { uploadDigest, uploadDigestBatch, uploadText, uploadTextBatch } from "./upload.ts";

/**
 * Multi-party collaboration: groups of phases, who may write to which phase, and the data of phases with what they depend on.
 *
 * Functions take text and answer JSON; "" stands for an argument that is not given. The caller's certificate names it in its attribute
 * `principal`. Who is on the chain at all is not decided here: everybody who can call may read.
 */
export const collaborationContract: Contract = {
  name: "collaboration",
  version: "1",
  functions: {
    open,
    createGroup,
    modifyGroup,
    createPhase,
    modifyPhase,
    grant,
    grants,
    moveGrants,
    groups,
    phases,
    resources,
    uploadText,
    uploadDigest,
    uploadTextBatch,
    uploadDigestBatch,
    describe,
    history,
    provenance,
    devices,
    device,
  },
  meter,
};
