// In which requests a server may ask the host for something, and for what: the same in both eras, however it is asked.
// protocol.md D.7, E.5; 26/MR.

/** The methods that a modern server may answer with questions; a legacy one asks in the middle of any. */
export const MAY_ASK: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

/** What can be asked, and the capability of a host that answers it. */
const INPUTS: ReadonlyMap<string, string> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
])

/** The capability that a host needs to be asked this; undefined where no host can be. */
export function capabilityFor(method: string): string | undefined {
  return INPUTS.get(method)
}
