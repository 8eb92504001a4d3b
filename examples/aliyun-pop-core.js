// Stores one record with Aliyun's own npm client, reads it back and asks for its block.
// Start the server first (npm start), then: npm run example:aliyun
import { readFileSync } from "node:fs";
import PopCore from "@alicloud/pop-core";

const bootstrapFile = process.argv[2] ?? "data/bootstrap.json";
const { aliyun } = JSON.parse(readFileSync(bootstrapFile, "utf8"));

const client = new PopCore({
  endpoint: aliyun.endpoint,
  apiVersion: "2019-05-10",
  accessKeyId: aliyun.accessKeyId,
  accessKeySecret: aliyun.accessKeySecret,
});

const { productKey, dataTypeCode } = aliyun.proofChain;
const record = {
  ApiVersion: "1.0.0",
  ProductKey: productKey,
  Key: `0001_${productKey}_${dataTypeCode}_${Date.now()}`,
};

await client.request("SetData", { ...record, Value: "temperature 3.5 C" }, { method: "POST" });
const { Data: value } = await client.request("GetData", record);
const { Data: info } = await client.request("GetBlockChainInfo", record);
const { blockHeight, transactionHash } = JSON.parse(info).blockChainInfo;
console.log(`"${value}" is in block ${blockHeight}, transaction ${transactionHash}`);
