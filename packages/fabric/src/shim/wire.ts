/**
 * Messages cross gRPC as bytes and are read by the connection: a decoder that throws inside the library would end a stream without a word on
 * what was wrong.
 */
export function bytesToBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function bufferToBytes(buffer: Buffer): Uint8Array {
  return buffer;
}

const bytesBothWays = {
  requestStream: true,
  responseStream: true,
  requestSerialize: bytesToBuffer,
  requestDeserialize: bufferToBytes,
  responseSerialize: bytesToBuffer,
  responseDeserialize: bufferToBytes,
} as const;

/** Where chaincode dials in. */
export const REGISTER_METHOD = { path: "/protos.ChaincodeSupport/Register", ...bytesBothWays } as const;

/** Where the peer dials a chaincode service. */
export const CONNECT_METHOD = { path: "/protos.Chaincode/Connect", ...bytesBothWays } as const;

/** What a connection needs of gRPC's streams, the server's and the client's. */
export interface MessageStream {
  /** False when the other side takes no more for now; then "drain" follows. */
  write(bytes: Uint8Array): boolean;
  end(): unknown;
  pause(): unknown;
  resume(): unknown;
  on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "drain" | "end" | "close" | "cancelled", listener: () => void): unknown;
}
