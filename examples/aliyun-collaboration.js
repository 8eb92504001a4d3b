// Rice from field to shop: three companies write to one collaboration chain with Aliyun's own npm client, then everything
// that the sold rice was made of is read back and checked offline. The scene of the LTL document's section 6.2.
// Start the server first (npm start), then: npm run example:collaboration
// Each run adds a phase group and three members; a chain takes 100 members unless its quota is changed.
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import PopCore from "@alicloud/pop-core";
import { verifyReceipt } from "@concordat/verifier";

const bootstrapFile = process.argv[2] ?? "data/bootstrap.json";
const { url, aliyun } = JSON.parse(readFileSync(bootstrapFile, "utf8"));
const run = randomBytes(4).toString("hex");

/** A user's calls of the LTL API. @returns the answer's Data */
function caller({ accessKeyId, accessKeySecret }) {
  const { endpoint, collaborationChain } = aliyun;
  const opts = { method: "POST", timeout: 60_000 };
  const client = new PopCore({ endpoint, apiVersion: "2019-05-10", accessKeyId, accessKeySecret, opts });
  const everywhere = { ApiVersion: "1.0.0", BizChainId: collaborationChain.bizChainId };
  return async (action, parameters) => (await client.request(action, { ...everywhere, ...parameters })).Data;
}

/** The native API has what LTL leaves to other services: users, provenance, trust. With a body it is a POST. */
async function native(path, body) {
  const credentials = Buffer.from(`${aliyun.accessKeyId}:${aliyun.accessKeySecret}`).toString("base64");
  const response = await fetch(`${url}/api/v1${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Basic ${credentials}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${answer.code}, ${answer.title}`);
  return answer;
}

const administrator = caller(aliyun);
const group = { PhaseGroupId: await administrator("CreateMPCoSPhaseGroup", { Name: `Rice-${run}` }) };

/** A company with an organization of its own on the chain, which may write to one phase. */
async function enter(company, phaseName) {
  const account = await native("/accounts", { name: `${company}-${run}` });
  const user = await native(`/accounts/${account.principal.uid}/users`, { name: `${company}-clerk` });
  const PhaseId = await administrator("CreateMPCoSPhase", { ...group, Name: phaseName });
  const MemberId = await administrator("CreateMember", {
    MemberUid: user.principal.uid,
    MemberName: company,
    MemberContact: "Clerk",
    MemberPhone: "000-0000-0000",
  });
  await administrator("UpdateMPCoSAuthorizedInfo", { ...group, MemberId, AuthorizedPhaseList: [PhaseId] });
  return { call: caller(user.accessKey), PhaseId };
}

const farm = await enter("Farm", "Growing");
const mill = await enter("Mill", "Milling");
const shop = await enter("Shop", "Selling");

// Whose signatures count is settled before there is anything to judge.
const trust = await native("/trust-bundle");

/** One member's record, made of the records of others. @returns how others refer to it */
async function upload({ call, PhaseId }, DataKey, content, made = []) {
  const PhaseData = JSON.stringify(content);
  await call("UploadMPCoSPhaseTextInfo", { ...group, PhaseId, DataKey, PhaseData, RelatedDataList: made });
  return { RelatedPhaseId: PhaseId, RelatedDataKey: DataKey, RelatedPhaseData: PhaseData };
}

const harvest = await upload(farm, "harvest-7", { field: "East 3", weightKg: 500 });
const sack = await upload(mill, "sack-12", { grade: "A", weightKg: 25 }, [harvest]);
const sale = await upload(shop, "sale-1042", { receipt: "39766baf" }, [sack]);

const query = new URLSearchParams({
  phaseGroupId: group.PhaseGroupId,
  phaseId: sale.RelatedPhaseId,
  dataKey: sale.RelatedDataKey,
});
const { nodes, edges } = await native(`/chains/${aliyun.collaborationChain.bizChainId}/provenance?${query}`);

const names = new Map();
for (const { record } of nodes) {
  const { PageData: members } = await administrator("ListMember", { MemberUid: record.writerUid, Num: 1, Size: 1 });
  names.set(record.writerUid, members[0].MemberName);
}

/** A record and, below it, what it was made of. */
function print(place, indent = "") {
  const { record, block, receipt } = nodes[place];
  const verdict = verifyReceipt(receipt, trust);
  // A receipt of another transaction would be valid too.
  const status = verdict.facts?.txId === record.txId ? verdict.status : "of something else";
  if (status !== "valid") process.exitCode = 1;
  const { phaseName, dataKey, value, writerUid } = record;
  console.log(
    `${indent}${phaseName} ${dataKey} ${value} by ${names.get(writerUid)}: block ${block}, receipt ${status}`,
  );
  for (const { from, to } of edges) if (from === place) print(to, `${indent}  `);
}

print(0);
