import type { Contract, ContractContext, ContractFunction, ContractStub } from "@concordat/ledger/contract-api";

export type Row = Readonly<Record<string, unknown>>;

/** Rows of the contract as they stand on the ledger, by type and key: what the money is counted from. */
export class ObservedRows {
  readonly #rows = new Map<string, Map<string, Row>>();

  /** @param written undefined: deleted */
  apply(key: string, written: Uint8Array | undefined): void {
    const type = typeOf(key);
    if (type !== "account" && type !== "supply") return;
    const rows = this.#rows.get(type) ?? new Map<string, Row>();
    this.#rows.set(type, rows);
    if (written === undefined) rows.delete(key);
    else rows.set(key, JSON.parse(Buffer.from(written).toString()));
  }

  all(type: "account" | "supply"): readonly Row[] {
    return [...(this.#rows.get(type)?.values() ?? [])];
  }

  /** By the first attribute of the key. */
  one(type: "account" | "supply", id: string): Row | undefined {
    return this.#rows.get(type)?.get(`\u0000${type}\u0000${id}\u0000`);
  }
}

/** Of a composite key. */
export function typeOf(key: string): string {
  return key.split("\u0000")[1] ?? "";
}

/** The contract, but that what its calls write is shown to `rows` when they succeed. */
export function observed(contract: Contract, rows: ObservedRows): Contract {
  const watch =
    (run: ContractFunction): ContractFunction =>
    async (context, ...args) => {
      const written = new Map<string, Uint8Array | undefined>();
      const answer = await run(withStub(context, watchWrites(context.stub, written)), ...args);
      for (const [key, value] of written) rows.apply(key, value);
      return answer;
    };
  return mapFunctions(contract, watch);
}

function watchWrites(stub: ContractStub, written: Map<string, Uint8Array | undefined>): ContractStub {
  const putState: ContractStub["putState"] = (key, value) => {
    written.set(key, value);
    return stub.putState(key, value);
  };
  const deleteState: ContractStub["deleteState"] = (key) => {
    written.set(key, undefined);
    return stub.deleteState(key);
  };
  return overStub(stub, { putState, deleteState });
}

/** The stub with some of its methods replaced, whether it is a plain object or of a class. */
export function overStub(stub: ContractStub, methods: Partial<ContractStub>): ContractStub {
  return new Proxy(stub, {
    get: (target, name) => {
      const method: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}

export function withStub(context: ContractContext, stub: ContractStub): ContractContext {
  return { clientIdentity: context.clientIdentity, stub };
}

export function mapFunctions(
  contract: Contract,
  change: (run: ContractFunction, name: string) => ContractFunction,
): Contract {
  const functions = Object.entries(contract.functions).map(([name, run]) => [name, change(run, name)] as const);
  return { ...contract, functions: Object.fromEntries(functions) };
}
