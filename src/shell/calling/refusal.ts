// What a server is told instead of the answer to its question.

/** An error with the code that it has on the wire. */
export class Refusal extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
