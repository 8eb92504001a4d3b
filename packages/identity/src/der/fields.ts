import { type DerValue, readDerChildren, TAG } from "./read.ts";

/** The values of a SEQUENCE one after the other, so that a field out of place is refused and not skipped. */
export class DerFields {
  readonly #values: readonly DerValue[];
  #next = 0;

  /** @throws RangeError when the value has another tag or holds no whole values */
  constructor(value: DerValue, tag: number = TAG.sequence) {
    if (value.tag !== tag) throw new RangeError(`A DER value has tag ${value.tag} where ${tag} was expected.`);
    this.#values = readDerChildren(value);
  }

  /** The next value, of this tag or, without one, of any. @throws RangeError when there is none */
  take(tag?: number): DerValue {
    const value = this.#values[this.#next];
    if (value === undefined || (tag !== undefined && value.tag !== tag)) {
      throw new RangeError("A field is missing or has another type.");
    }
    this.#next += 1;
    return value;
  }

  /** The next value if its tag is one of these. */
  optional(...tags: readonly number[]): DerValue | undefined {
    const value = this.#values[this.#next];
    if (value === undefined || !tags.includes(value.tag)) return undefined;
    this.#next += 1;
    return value;
  }

  /** All that is left. */
  rest(): readonly DerValue[] {
    const values = this.#values.slice(this.#next);
    this.#next = this.#values.length;
    return values;
  }

  /** @throws RangeError when a field is left */
  end(): void {
    if (this.#next !== this.#values.length) throw new RangeError("A structure has a field too many.");
  }
}
