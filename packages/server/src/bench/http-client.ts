import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { InvariantError } from "@concordat/base";

/**
 * A kept-alive HTTP/1.1 connection that sends one request at a time. A load generator shares the machine with the server, so it
 * must cost little: this takes a fraction of what node:http does.
 */
export class BenchConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: { readonly resolve: (body: string) => void; readonly reject: (reason: unknown) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#waiting?.reject(error));
    socket.on("close", () =>
      this.#waiting?.reject(new InvariantError("The server closed a connection of the benchmark.")),
    );
  }

  static async open(host: string, port: number): Promise<BenchConnection> {
    const socket = connect(port, host);
    await once(socket, "connect");
    return new BenchConnection(socket);
  }

  /** Sends a form to `/`; answers the body. */
  post(form: string): Promise<string> {
    const head = `POST / HTTP/1.1\r\nhost: bench\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${Buffer.byteLength(form)}\r\n\r\n`;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(head + form);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received.toString("latin1", 0, end))?.[1];
    if (length === undefined) {
      this.#waiting?.reject(new InvariantError("An answer has no content length."));
      return;
    }
    const whole = end + 4 + Number(length);
    if (this.#received.length < whole) return;
    const body = this.#received.toString("utf8", end + 4, whole);
    this.#received = this.#received.subarray(whole);
    this.#waiting?.resolve(body);
  }
}
