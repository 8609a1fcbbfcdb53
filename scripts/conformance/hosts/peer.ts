// What both hosts can do with a connected client, so that the work of a scenario is written once and is the same
// whatever SDK and era speaks.

export interface Tool {
  readonly name: string
  readonly inputSchema: Readonly<Record<string, unknown>>
}

export type Arguments = Readonly<Record<string, unknown>>

export interface Peer {
  listTools(): Promise<readonly Tool[]>
  callTool(name: string, args?: Arguments): Promise<unknown>
  listResources(): Promise<readonly { readonly uri: string }[]>
  /** The text of the first content; empty when there is none. */
  readResource(uri: string): Promise<string>
  listPrompts(): Promise<readonly { readonly name: string }[]>
  getPrompt(name: string): Promise<unknown>
  /** A method of an extension, which no SDK has a function for. */
  request(method: string): Promise<Readonly<Record<string, unknown>>>
  close(): Promise<void>
}

export const HOST_INFO = { name: 'conformance-host', version: '1.0.0' }

/** Everything a desktop host offers; request-metadata looks at each of them, and defaults are filled in by the SDK. */
export const CAPABILITIES = {
  roots: { listChanged: true },
  sampling: {},
  elicitation: { form: { applyDefaults: true } },
}

/** A user who confirms what is to be confirmed and leaves the rest as it is proposed. */
export function elicited(params: object): { action: 'accept'; content: Record<string, boolean> } {
  const schema = (params as { requestedSchema?: { properties?: object } }).requestedSchema
  const asksToConfirm = Object.hasOwn(schema?.properties ?? {}, 'confirmed')
  return { action: 'accept', content: asksToConfirm ? { confirmed: true } : {} }
}
