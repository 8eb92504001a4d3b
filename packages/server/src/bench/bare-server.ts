import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The reference of the http case: node:http that reads a request's body and answers a fixed text of an evidence answer's size. */
const ANSWER = Buffer.from(
  JSON.stringify({ Message: "", RequestId: "0".repeat(36), Data: "x".repeat(100), Code: 200 }),
);

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": ANSWER.length });
    response.end(ANSWER);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
});
process.once("SIGTERM", () => process.exit(0));
