import type { Contract } from "@concordat/ledger/contract-api";
import { device, devices } from "../devices/list.ts";
import { meter } from "./meter.ts";
import { count, findByDigest, get, history } from "./read.ts";
import { attach, set, setBatch } from "./write.ts";

/**
 * Evidence: values that are set once under a key, with further values attached in order.
 *
 * Functions take text and answer JSON; "" stands for an argument that is not given. The caller's certificate names the writer in
 * its attribute `principal`. Who may write under which key is not decided here.
 */
export const evidenceContract: Contract = {
  name: "evidence",
  version: "1",
  functions: { set, setBatch, attach, get, history, count, findByDigest, devices, device },
  meter,
};
