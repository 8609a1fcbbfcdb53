export interface BuiltFile {
  readonly name: string
  readonly source: string
  readonly limitBytes: number
  readonly packages: readonly string[]
}
export const HOT: BuiltFile
export const SIBLINGS: readonly BuiltFile[]
