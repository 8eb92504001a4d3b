import { connect } from "node:net";

/** A request byte for byte: nothing is added, merged or put in order. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Uint8Array;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Sends one request over a connection of its own. Connection is added, and Content-Length where nothing tells the length. */
export async function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const body = Buffer.from(request.body);
  const names = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const added: (readonly [string, string])[] = [["Connection", "close"]];
  const isFramed = names.has("content-length") || names.has("transfer-encoding");
  if (body.length > 0 && !isFramed) added.push(["Content-Length", String(body.length)]);
  const lines = [...request.headers, ...added].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${request.method} ${request.target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
  return readAnswer(await exchange(port, Buffer.concat([head, body])));
}

function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A server may refuse a large body, and close, before it has read all of it: what it said still counts.
    socket.on("error", (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks)) : reject(error)));
    socket.on("close", () => resolve(Buffer.concat(chunks)));
  });
}

function readAnswer(bytes: Buffer): RawAnswer {
  const text = bytes.toString("utf8");
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(statusLine.split(" ")[1]), headers: new Map(headers), text: text.slice(end + 4) };
}
