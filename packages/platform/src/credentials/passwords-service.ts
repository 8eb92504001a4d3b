import type { PasswordHasher } from "../authentication/password-hasher.ts";
import type { Authentication, Tokens } from "../authentication/ports.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { CredentialContext, type CredentialDependencies } from "./credential-context.ts";
import { randomPassword, requireGoodPassword } from "./password-rules.ts";
import type { Passwords } from "./ports.ts";

export interface PasswordsDependencies extends CredentialDependencies {
  readonly passwords: PasswordHasher;
  readonly authentication: Pick<Authentication, "byPassword">;
  readonly tokens: Tokens;
}

export class PasswordsService implements Passwords {
  readonly #dependencies: PasswordsDependencies;
  readonly #context: CredentialContext;

  constructor(dependencies: PasswordsDependencies) {
    this.#dependencies = dependencies;
    this.#context = new CredentialContext("password", dependencies);
  }

  async set(
    caller: Caller,
    input: { readonly uid: string; readonly password?: string; readonly oldPassword?: string },
  ): Promise<{ readonly password?: string }> {
    const { directory, passwords, clock, tokens, random } = this.#dependencies;
    const owner = this.#context.requireOwner(caller, "update", input.uid);
    const isOwn = owner.uid === caller.principal.uid;
    if (isOwn && directory.row("passwords", owner.uid) !== undefined) await this.#checkOld(caller, input.oldPassword);
    const password = input.password ?? randomPassword(owner.name, random);
    requireGoodPassword(password, owner.name);
    const hash = await passwords.hash(password, caller.sourceAddress);
    await directory.change(async () => {
      const { uid } = this.#context.requireOwner(caller, "update", input.uid);
      const audit = this.#context.audit(caller, "update", uid, { isOwn, isRandom: input.password === undefined });
      return {
        changes: [{ table: "passwords", row: { uid, hash, changedMs: clock.nowMs() } }],
        audit,
        result: undefined,
      };
    });
    await tokens.revokeAllOf(owner.uid, isOwn ? caller.credential.id : undefined);
    return input.password === undefined ? { password } : {};
  }

  /**
   * For a user that is being made: the hash of its first password.
   * @throws PlatformError PASSWORD_INVALID, OVERLOADED
   */
  async hashFirst(password: string, userName: string): Promise<string> {
    requireGoodPassword(password, userName);
    return this.#dependencies.passwords.hash(password, undefined);
  }

  /** A stolen session must not become the account: the old password is asked for, and tries are slowed as at a sign-in. */
  async #checkOld({ principal: { userId }, sourceAddress, requestId }: Caller, oldPassword: string | undefined) {
    if (oldPassword === undefined) {
      throw new PlatformError("CREDENTIALS_WRONG", "Show the present password to set another.");
    }
    await this.#dependencies.authentication.byPassword({ userId }, oldPassword, { sourceAddress, requestId });
  }
}
