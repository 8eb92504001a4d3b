import { createPrivateKey, randomUUID } from "node:crypto";
import { ALPHANUMERIC, randomText, systemRandom } from "@concordat/base";
import { type ApiOperation, callOf } from "./api-operations.ts";
import { type Finding, SecretHunt } from "./secret-hunt.ts";
import type { Wire, WireAnswer, WireCall } from "./wire.ts";
import { readZip } from "./zip.ts";

/** An answer without the secrets that it is meant to carry. */
interface Told {
  readonly what: string;
  readonly status: number;
  readonly text: string;
}

/** What each native operation may answer of secrets; nothing else may. */
const shownByNative: Readonly<Record<string, readonly string[]>> = {
  createAccount: ["accessKeySecret"],
  createRamUser: ["accessKeySecret"],
  createAccessKey: ["accessKeySecret"],
  createApiKey: ["apiSecret"],
  createOAuthClient: ["clientSecret"],
  setPassword: ["password"],
  enrolCertificate: ["privateKeyPem", "text"],
  createSession: ["csrfToken"],
  getCurrentSession: ["csrfToken"],
  createNetworkConnection: ["file"],
  exportDeviceIdentity: ["key"],
};

/** Every canary begins so, for what tells only a piece of it: the eight bytes that the search needs and no more. */
const CANARY_MARK = "CaNaRy--";

const isSecretName = (name: string) => /(secret|password|private_?key(pem)?|token|^key)$/i.test(name);

/** Calls of a server, the secrets that went either way, and every answer. */
export class SecretWorld {
  readonly hunt = new SecretHunt();
  /** Of native operations. */
  readonly succeeded = new Set<string>();
  /** Answers with secrets that nobody said they carry. */
  readonly unexpected: string[] = [];
  readonly statuses = new Map<number, number>();
  readonly #told: Told[] = [];
  #wire: Wire | undefined;

  constructor() {
    this.hunt.add("beginning of a canary", CANARY_MARK);
  }

  /** Of another run of the same server. */
  useWire(wire: Wire): void {
    this.#wire?.close();
    this.#wire = wire;
  }

  /** A secret that nobody has seen before, in the form of a good password. */
  canary(what: string): string {
    const text = `${CANARY_MARK}${randomText(systemRandom, ALPHANUMERIC, 24)}`;
    this.hunt.add(what, text);
    return text;
  }

  /** @param carried the secrets that the answer is meant to carry, by name */
  async send(
    what: string,
    call: WireCall,
    carried: (answer: WireAnswer) => readonly (readonly [name: string, secret: string])[] = () => [],
  ): Promise<WireAnswer> {
    if (this.#wire === undefined) throw new Error("There is no server to call.");
    const answer = await this.#wire.send(call);
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    let text = `${answer.head}\n${answer.text}`;
    for (const [name, secret] of carried(answer)) {
      this.#learn(`${name} of ${what}`, secret);
      text = text.replaceAll(secret, "").replaceAll(JSON.stringify(secret).slice(1, -1), "");
    }
    this.#told.push({ what, status: answer.status, text });
    return answer;
  }

  /** One native call; what it answers of secrets is learnt. */
  async native(
    operation: ApiOperation,
    input: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>>,
  ): Promise<WireAnswer> {
    const { name } = operation;
    const call = callOf(operation, input, { "idempotency-key": randomUUID(), ...headers });
    const answer = await this.send(name, call, ({ text, status }) => {
      const answered: unknown = status < 300 && text !== "" ? JSON.parse(text) : {};
      const all = [...secretsIn(answered), ...fileIn(answered)];
      const shown = all.filter(([field]) => shownByNative[name]?.includes(field) === true);
      if (shown.length < all.length) this.unexpected.push(`${name} answers ${all.map(([field]) => field).join()}`);
      return shown;
    });
    for (const [, file] of fileIn(answer.status < 300 ? answer.body : {})) await this.#learnFile(name, file);
    if (answer.status < 300) this.succeeded.add(name);
    return answer;
  }

  /** In all answers so far. */
  searchAnswers(): Finding[] {
    return this.#told.flatMap(({ what, status, text }) => this.hunt.search(`answer ${status} of ${what}`, text));
  }

  /** The keys in a zip. */
  async #learnFile(operation: string, base64: string): Promise<void> {
    for (const [file, text] of Object.entries(await readZip(Buffer.from(base64, "base64")))) {
      if (text.includes("PRIVATE KEY")) this.#learn(`${file} of ${operation}`, text);
    }
  }

  /** A private key also goes about as DER and as its bare scalar or primes, a device's symmetric one as its bytes. */
  #learn(name: string, secret: string): void {
    this.hunt.add(name, secret);
    if (/^([0-9a-f]{16}){2,4}$/.test(secret)) this.hunt.add(`${name}, bytes`, Buffer.from(secret, "hex"));
    if (!secret.includes("PRIVATE KEY")) return;
    const key = createPrivateKey(secret);
    this.hunt.add(`${name}, DER`, key.export({ format: "der", type: "pkcs8" }));
    const { d, p, q } = key.export({ format: "jwk" });
    for (const [part, number] of Object.entries({ scalar: d, p, q })) {
      if (number !== undefined) this.hunt.add(`${name}, ${part}`, Buffer.from(number, "base64url"));
    }
  }
}

/** A file that is answered: all of them hold a key. */
function fileIn(value: unknown): (readonly [field: string, base64: string])[] {
  const { file }: { readonly file?: unknown } = Object(value);
  return typeof file === "string" ? [["file", file]] : [];
}

/** Members that hold a secret by their name or their content, at any depth. */
function secretsIn(value: unknown): (readonly [field: string, secret: string])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, member]: [string, unknown]) => {
    if (typeof member !== "string") return secretsIn(member);
    const isSecret = member !== "" && (isSecretName(field) || member.includes("PRIVATE KEY"));
    return isSecret ? [[field, member] as const] : [];
  });
}
