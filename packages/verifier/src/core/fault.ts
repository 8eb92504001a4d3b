/** Something is wrong with the material under test. The verifier's entry points turn it into a verdict: it never leaves them. */
export class Fault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Fault";
  }
}

export function faultUnless(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Fault(message);
}
