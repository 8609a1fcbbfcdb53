// --tool-prefix, --rename, --max-tool-name and the same for prompts: the host's names and the remote's, both ways. A name that the
// host was never told leads nowhere, also if the remote has something of that name: an editor's list of what may be called
// would be walked around. What the remote's texts say of its tools stays. users.md 18, 34; 25/TOOL, 26/TOOL.
import { type BridgeError, isBridgeError } from '../errors.ts'
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import { type Envelope, spanAt, stringAt } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { CODE, cancelledId, refusal, refuse } from '../message/message.ts'
import { find, readString, type Span } from '../message/peek.ts'
import { applied, elementsOf, membersOf } from '../message/rewrite.ts'
import type { RenameOptions } from '../options/shaping.ts'
import type { Catalogue } from './catalogue.ts'
import { doubled, doubledIn } from './members.ts'
import { createNaming } from './naming.ts'
import { createRenamedPrompts, createRenamedTools, type Renamed } from './renamed.ts'
import { createWaiting } from './waiting.ts'

export function createRename(settings: RenameOptions, catalogue: Catalogue, log: Log): Stage {
  const { toolPrefix, promptPrefix, mostCharacters } = settings
  const toolRules = { prefix: toolPrefix, renames: settings.tools, mostCharacters }
  const promptRules = { prefix: promptPrefix, renames: settings.prompts }
  const waiting = createWaiting(catalogue)
  const tools = isSaid(toolRules) && createRenamedTools(createNaming(toolRules), { catalogue, waiting, log })
  const prompts = isSaid(promptRules) && createRenamedPrompts(createNaming(promptRules), log)
  const lists = createIdTable<Renamed>()
  const conveyed = createIdTable<Conveyed>()

  return (next) => {
    /** Sends the request on with the remote's name in the place of the host's. */
    function convey(envelope: Envelope, renamed: Renamed, { within, twice }: Where): void {
      const span = within && find(envelope.bytes, within, 'name')
      const said = readString(envelope.bytes, span)
      if (twice !== undefined || said === undefined)
        return refuseUnknown(envelope, { what: renamed.what, twice })
      renamed.mean(said, envelope, (name) => {
        if (isBridgeError(name)) return refuseUntold(envelope, name)
        if (name === undefined) return refuseUnknown(envelope, { what: renamed.what, name: said })
        if (name === said) return next.toRemote(envelope)
        if (envelope.kind === 'request') conveyed.set(envelope.id!, { what: renamed.what, said, name })
        next.toRemote(applied(envelope, [{ ...span!, text: JSON.stringify(name) }]))
      })
    }

    function refuseUntold({ id, kind }: Envelope, error: BridgeError): void {
      log.warn(error.message)
      if (kind === 'request') next.toHost(refusal(id!, error))
    }

    function refuseUnknown({ id, kind, method }: Envelope, { what, name, twice }: Unknown): void {
      if (kind !== 'request') return log.debug(`dropped a notification ${method} that names no ${what}`)
      const message = twice
        ? `mcp-ferry: ${method} says ${twice} twice`
        : `Unknown ${what}${name === undefined ? '' : `: ${name}`}`
      next.toHost(refuse(id, { code: CODE.invalidParams, message }))
    }

    /** Whether it cancels what the remote knows nothing of. */
    function isForgotten(envelope: Envelope): boolean {
      const id = cancelledId(envelope)
      if (id !== undefined) conveyed.delete(id)
      return waiting.cancel(envelope)
    }

    return {
      toRemote(envelope) {
        const { method, shape } = envelope
        const listed = method === 'tools/list' ? tools : method === 'prompts/list' && prompts
        const named = method === 'tools/call' ? tools : method === 'prompts/get' && prompts
        if (listed && envelope.kind === 'request') {
          listed.asked(envelope)
          lists.set(envelope.id!, listed)
        }
        if (named) return convey(envelope, named, { within: shape.params, twice: doubled(envelope, 'name') })
        const ref = method === 'completion/complete' && prompts && promptRef(envelope)
        if (ref) return convey(envelope, prompts as Renamed, ref)
        if (isForgotten(envelope)) return
        next.toRemote(envelope)
      },
      toHost(envelope) {
        if (envelope.kind !== 'response' || envelope.id === undefined) return next.toHost(envelope)
        const list = lists.take(envelope.id)
        const call = conveyed.take(envelope.id)
        if (list !== undefined) next.toHost(withNames(envelope, list))
        else next.toHost(call === undefined ? envelope : asAsked(envelope, call))
      },
    }
  }
}

interface Where {
  readonly within: Span | undefined
  readonly twice: string | undefined
}

interface Unknown {
  readonly what: Renamed['what']
  readonly name?: string
  readonly twice?: string | undefined
}

/** A request that has the remote's name in the place of what the host has said. */
interface Conveyed {
  readonly what: Renamed['what']
  readonly said: string
  readonly name: string
}

function isSaid(rules: object): boolean {
  return Object.values(rules).some((rule) => rule !== undefined)
}

/** Where a prompt is named for which completions are wanted; undefined if they are wanted for something else. */
function promptRef(question: Envelope): Where | undefined {
  const { bytes } = question
  const ref = spanAt(question, 'params', 'ref')
  const twice = doubled(question, 'ref') ?? doubledIn(bytes, ref, 'name', 'type')
  const type = stringAt(question, 'params', 'ref', 'type')
  return twice === undefined && type !== 'ref/prompt' ? undefined : { within: ref, twice }
}

/** That there is no such tool is told by the name that the host knows, whoever says it. */
function asAsked(response: Envelope, { what, said, name }: Conveyed): Envelope {
  const span = spanAt(response, 'error', 'message')
  if (span === undefined || readString(response.bytes, span) !== `Unknown ${what}: ${name}`) return response
  return applied(response, [{ ...span, text: JSON.stringify(`Unknown ${what}: ${said}`) }])
}

/** The list with the host's names. */
function withNames(response: Envelope, renamed: Renamed): Envelope {
  const { bytes } = response
  const elements = elementsOf(bytes, spanAt(response, 'result', `${renamed.what}s`))
  const named = elements.flatMap((element) => {
    const name = readString(bytes, find(bytes, element, 'name'))
    return name === undefined ? [] : [{ element, name }]
  })
  const isLast =
    response.shape.result !== undefined && stringAt(response, 'result', 'nextCursor') === undefined
  const forHost = renamed.listed(
    named.map(({ name }) => name),
    isLast,
  )
  const edits = named.flatMap(({ element, name }) => {
    const text = JSON.stringify(forHost.get(name) ?? name)
    const members = membersOf(bytes, element).filter((member) => member.name === 'name')
    return forHost.get(name) === name ? [] : members.map(({ value }) => ({ ...value, text }))
  })
  return applied(response, edits)
}
