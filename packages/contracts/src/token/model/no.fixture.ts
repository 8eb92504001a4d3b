/** A refusal of the model: the code that the contract must give as well. */
export class ModelRefusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export function no(code: string): never {
  throw new ModelRefusal(code);
}
