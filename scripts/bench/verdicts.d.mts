// Types of verdicts.mjs, for the tests.
export interface Cell {
  readonly name: string
  readonly value?: number | undefined
  readonly failed?: string | undefined
  readonly worse?: number | undefined
}
export interface Verdict {
  readonly text: string
  readonly met?: boolean | undefined
}
export interface Row {
  readonly id?: string | undefined
  readonly label: string
  readonly digits: number
  readonly more: boolean
  readonly noise: number
  readonly cells: readonly Cell[]
  readonly judged: readonly Verdict[]
}
export interface Failure {
  readonly name: string
  readonly part: string
  readonly text: string
  readonly reason: string
}
export interface Table {
  readonly name: string
  readonly title: string
  readonly rows: readonly Row[]
  readonly failures: readonly Failure[]
}
export type Samples = Readonly<Record<string, readonly (number | undefined)[]>>
export interface Result {
  readonly name: string
  readonly title: string
  readonly rows: readonly object[]
  readonly samples: ReadonlyMap<string, Samples>
  readonly failures: {
    get(name: string, part: string): Failure | undefined
    list(): readonly Failure[]
  }
}
export declare function tabulate(results: readonly Result[], names: readonly string[]): Table[]
export declare function missed(tables: readonly Table[]): string[]
