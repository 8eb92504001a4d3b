/** The cases and what each measures. Apart from the cases themselves, so that the command's help loads none of them. */
export const benchCatalog = {
  disk: "append and fdatasync of 4 KiB, one after another; and plain appends of 1 MiB",
  engine:
    "evidence writes (durable) at 1, 64, 256, 4096 in flight with 100 and 256 bytes, and reads; beside the disk alone",
  token:
    "token transfers (durable) out of one account, and out of 1,024 in turn, at 1, 64, 256, 4096 in flight; beside evidence writes of 100 bytes",
  start: "time until a server is ready: first start on an empty folder, and a later start; idle memory",
  http: "signed SetData, GetData and batches at 1, 64, 256 connections with 100 and 256 bytes; beside node:http alone",
  ltl: "batches of 50 phase data and uploads signed by 1,000 devices at 64 connections; beside unsigned uploads",
  gateway:
    "one-key puts by the official Fabric Gateway client, on a channel that cuts when idle and on one with 200 ms / 500, at 1, 64, 256 in flight; evaluates",
  proofs: "receipts made and verified, and the whole ledger verified, at 100 thousand and 1 million transactions",
  scale: "writes, reads, reopening, start-up and memory at 10 thousand, 100 thousand and 1 million keys",
} as const;

export type BenchCaseName = keyof typeof benchCatalog;
