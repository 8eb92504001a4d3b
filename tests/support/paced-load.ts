import type { Agent } from "node:https";
import { request } from "node:https";

export interface HttpsAnswer {
  readonly status: number;
  readonly text: string;
}

/** One call over a given agent; network faults reject. */
export function httpsCall(
  agent: Agent,
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  } = {},
): Promise<HttpsAnswer> {
  const { method = "GET", headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, method, headers }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

export interface PacedLoad {
  readonly sent: number;
  readonly failures: readonly string[];
  /** Sends nothing more and waits for the answers that are under way. */
  stop(): Promise<void>;
}

const TICK_MS = 10;

/** Sends so many calls a second, whatever becomes of them: a call that answers a fault text counts as failed. */
export function startPacedLoad(
  callsPerSecond: number,
  call: (index: number) => Promise<string | undefined>,
): PacedLoad {
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  const startMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    // What is due by the time that has passed, so that a late tick makes up for itself.
    const due = Math.floor(((performance.now() - startMs) * callsPerSecond) / 1_000);
    for (; sent < due; sent += 1) {
      const one = call(sent).then(
        (fault) => void (fault === undefined || failures.push(fault)),
        (error: unknown) => void failures.push(String(error)),
      );
      const tracked = one.finally(() => underWay.delete(tracked));
      underWay.add(tracked);
    }
  }, TICK_MS);
  return {
    get sent() {
      return sent;
    },
    failures,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}
