// What the host asks of the remote for one request, written into the request itself (`params._meta.chaos`): its key,
// and in which shape it is to be answered. The remote puts the key into the answer, so that each answer says whose it is.

/** How the remote answers over Streamable HTTP. `resumable` and `polling` have event ids, `polling` hangs up as well. */
export type Shape = 'json' | 'events' | 'resumable' | 'polling'

export interface Instruction {
  readonly key: string
  readonly shape: Shape
  /** How many progress notifications come before the answer. */
  readonly progress: number
  /** How many questions the remote puts to the host before it answers. */
  readonly questions: number
  readonly workMs: number
  /** How long the answer is, beside the rest of it. */
  readonly pad: number
  /** Answered with a JSON-RPC error, after it has been executed. */
  readonly fails: boolean
}

export interface Rpc {
  readonly jsonrpc?: '2.0'
  readonly id?: string | number | null
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

export function parseRpc(text: string): Rpc | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Rpc) : undefined
  } catch {
    return undefined
  }
}

/** The member `chaos` of the `_meta` of params or of a result. */
export function chaosOf(
  holder: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> {
  const meta = holder?._meta as { readonly chaos?: Readonly<Record<string, unknown>> } | undefined
  return meta?.chaos ?? {}
}

export function keyOf(holder: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { key } = chaosOf(holder)
  return typeof key === 'string' ? key : undefined
}

export function withKey(key: string): { readonly _meta: { readonly chaos: { readonly key: string } } } {
  return { _meta: { chaos: { key } } }
}
