/** A string literal in JSON text, from its opening quote to behind its closing one. */
export interface StringLiteral {
  readonly start: number;
  readonly end: number;
}

/** The string literals (member names are some of them) of JSON text that `JSON.parse` accepts, in order. */
export function findStringLiterals(json: string): StringLiteral[] {
  const literals: StringLiteral[] = [];
  for (let start = json.indexOf('"'); start !== -1; ) {
    let last = start + 1;
    while (last < json.length && json[last] !== '"') last += json[last] === "\\" ? 2 : 1;
    literals.push({ start, end: last + 1 });
    start = json.indexOf('"', last + 1);
  }
  return literals;
}
