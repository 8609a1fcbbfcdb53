// What a host is told where it and the remote speak no version in common. Pure. protocol.md D.1-1.
import { MODERN_VERSIONS } from '../era/era.ts'
import { withId } from '../message/edit.ts'
import { type Envelope, stringAt } from '../message/envelope.ts'
import { CODE, refuse } from '../message/message.ts'

/** The legacy shape of "there is no version that both of us speak" (25/L Error Handling). */
export function noCommonVersion(
  request: Envelope,
  { supported, answer, host }: { supported: readonly string[]; answer: Envelope; host: string },
): Envelope {
  // It refuses for another reason, in its own words.
  const isKnown = supported.length === 0 || supported.some((version) => MODERN_VERSIONS.includes(version))
  if (isKnown) return withId(answer, request.id!)
  const requested = stringAt(request, 'params', 'protocolVersion')
  const message = `mcp-ferry: ${host} speaks ${supported.join(', ')} only, which mcp-ferry does not know; a newer mcp-ferry may`
  return refuse(request.id, {
    code: CODE.invalidParams,
    message,
    data: { supported, requested, origin: 'mcp-ferry' },
  })
}
