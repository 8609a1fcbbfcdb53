export interface BuiltFile {
  readonly name: string
  readonly source: string
  readonly limitBytes: number
  readonly packages: readonly string[]
}
export const HOT: BuiltFile
/** `gives`: what other files take from this one. */
export const SIBLINGS: readonly (BuiltFile & { readonly gives?: readonly string[] })[]

/** What several of those need. `sources` are modules of ours and packages. */
export interface SharedFile extends Omit<BuiltFile, 'source'> {
  readonly sources: readonly string[]
}
/** What the hot file calls, and loads then. */
export const DEFERRED: readonly SharedFile[]
export const SHARED: readonly SharedFile[]
