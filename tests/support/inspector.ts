/**
 * Reads a Node process's memory through its inspector, garbage collected first, in every thread: resident memory alone moves with
 * the collector's mood and says little about leaks.
 */
export interface MemoryReading {
  /** Bytes of live objects and buffers, all threads. */
  readonly liveBytes: number;
  readonly residentBytes: number;
}

export interface MemoryProbe {
  read(): Promise<MemoryReading>;
  close(): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly sessionId?: string; readonly message?: string };
  readonly result?: { readonly result?: { readonly value?: unknown } };
  readonly error?: { readonly message: string };
}

type Send = (method: string, parameters?: object) => Promise<Message>;

/** Requests and answers over one line of messages, matched by id. */
function createSession(transmit: (text: string) => void): { readonly send: Send; receive(message: Message): void } {
  const waiting = new Map<number, (message: Message) => void>();
  let lastId = 0;
  return {
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, (message) => {
          if (message.error === undefined) resolve(message);
          else reject(new Error(`${method}: ${message.error.message}`));
        });
        transmit(JSON.stringify({ id: lastId, method, params }));
      }),
    receive(message) {
      const settle = waiting.get(message.id ?? 0);
      waiting.delete(message.id ?? 0);
      settle?.(message);
    },
  };
}

async function measureThread(send: Send): Promise<MemoryReading> {
  await send("HeapProfiler.collectGarbage");
  await send("HeapProfiler.collectGarbage");
  const answer = await send("Runtime.evaluate", {
    expression: "(({heapUsed, external, rss}) => [heapUsed + external, rss])(process.memoryUsage())",
    returnByValue: true,
  });
  const value = answer.result?.result?.value;
  if (!Array.isArray(value)) throw new Error("The process did not tell its memory.");
  const [liveBytes, residentBytes]: number[] = value;
  return { liveBytes: liveBytes ?? 0, residentBytes: residentBytes ?? 0 };
}

/** `address` is what Node prints as `Debugger listening on ws://...` when started with `--inspect=127.0.0.1:0`. */
export async function attachMemoryProbe(address: string): Promise<MemoryProbe> {
  const socket = new WebSocket(address);
  const main = createSession((text) => socket.send(text));
  const workers = new Map<string, ReturnType<typeof createSession>>();
  socket.addEventListener("message", (event) => {
    const message: Message = JSON.parse(String(event.data));
    const { sessionId = "", message: inner = "{}" } = message.params ?? {};
    if (message.method === "NodeWorker.attachedToWorker") {
      workers.set(
        sessionId,
        createSession((text) => void main.send("NodeWorker.sendMessageToWorker", { sessionId, message: text })),
      );
    } else if (message.method === "NodeWorker.detachedFromWorker") workers.delete(sessionId);
    else if (message.method === "NodeWorker.receivedMessageFromWorker")
      workers.get(sessionId)?.receive(JSON.parse(inner));
    else main.receive(message);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", reject, { once: true });
  });
  await main.send("NodeWorker.enable", { waitForDebuggerOnStart: false });
  return {
    async read() {
      const inWorkers = await Promise.all([...workers.values()].map(({ send }) => measureThread(send)));
      const inMain = await measureThread(main.send);
      const liveBytes = inWorkers.reduce((sum, reading) => sum + reading.liveBytes, inMain.liveBytes);
      return { liveBytes, residentBytes: inMain.residentBytes };
    },
    close: () => socket.close(),
  };
}
