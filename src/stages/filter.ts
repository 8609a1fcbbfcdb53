// --allow-tool, --deny-tool and the same for prompts and resources, --read-only: what is hidden is not there, in no list, and a
// call of it is answered as one of something unknown. It fails closed: what is not clear is hidden. users.md 18, 34;
// 25/TOOL Error Handling, 25/RES Error Handling, 26/RES.
import type { Lane, Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { CODE, type Refusal, refusal, refuse } from '../message/message.ts'
import { isArrayAt, readString } from '../message/peek.ts'
import { applied, type Edit, elementsOf, withoutElements } from '../message/rewrite.ts'
import type { FilterOptions } from '../options/shaping.ts'
import type { Catalogue } from './catalogue.ts'
import { createFilterWarnings } from './filter-warnings.ts'
import { objectIn, type Said, textIn, valuesOf, wholeOf } from './members.ts'
import { isModern, isTwofold, LISTS, type List, paramsOf, type Subject, subjectsOf } from './subjects.ts'
import { createView, type View } from './view.ts'
import { createWaiting } from './waiting.ts'

/** The legacy era's, for a resource that is not there (25/RES Error Handling). */
const NO_RESOURCE = -32002

export function createFilter(settings: FilterOptions, catalogue: Catalogue, log: Log): Stage {
  const view = createView(settings, catalogue)
  const warnings = createFilterWarnings({ settings, view, catalogue, log })
  const waiting = createWaiting(catalogue)
  /** The lists that the answer to this id may be. */
  const lists = createIdTable<ReadonlySet<List>>()

  /** A cancelled list may still be answered when its id is another request's. */
  function note(envelope: Envelope): void {
    if (envelope.kind !== 'request') return
    const id = envelope.id!
    const list = LISTS.get(envelope.method!)
    const before = lists.get(id)
    if (list !== undefined && view.covers(list.kind)) lists.set(id, new Set([...(before ?? []), list]))
  }

  function send(envelope: Envelope, next: Lane): void {
    const subjects = subjectsOf(envelope).filter(({ kind }) => view.covers(kind))
    const hidden = subjects.find(({ kind, said }) => said.kind !== 'text' || !view.isShown(kind, said.text))
    if (hidden !== undefined) return refuseHidden(envelope, hidden, next)
    const tool = settings.isReadOnly ? subjects.find(({ kind }) => kind === 'tools') : undefined
    if (tool === undefined) return next.toRemote(envelope)
    const go = (isKnown: boolean): void => {
      if (!isKnown) return refuseUnknown(envelope, next)
      if (view.isReadOnly((tool.said as Extract<Said, { kind: 'text' }>).text)) next.toRemote(envelope)
      else refuseHidden(envelope, tool, next)
    }
    if (envelope.kind === 'request') waiting.until(envelope, go)
    else if (catalogue.isWhole) go(true)
    else log.info(`${envelope.method} without an id is dropped: it is not known whether the tool only reads`)
  }

  function refuseHidden(envelope: Envelope, subject: Subject, next: Lane): void {
    log.info(`${envelope.method} is refused: what it names is hidden from the host, or not clear`)
    if (envelope.kind === 'request') next.toHost(refuse(envelope.id, wordsOf(envelope, subject)))
  }

  function refuseUnknown({ id }: Envelope, next: Lane): void {
    const error = catalogue.untold('whether the tool only reads (--read-only)')
    log.warn(error.message)
    if (id !== undefined) next.toHost(refusal(id, error))
  }

  return (next) => ({
    toRemote(envelope) {
      if (isTwofold(envelope)) return refuseTwofold(envelope, next)
      if (waiting.cancel(envelope)) return
      note(envelope)
      warnings.note(envelope)
      if (envelope.kind === 'response') return next.toRemote(envelope)
      if (envelope.method !== 'subscriptions/listen' || !view.covers('resources')) return send(envelope, next)
      const shorn = withoutHiddenUris(envelope, view)
      if (shorn !== undefined) return next.toRemote(shorn)
      refuseHidden(envelope, { kind: 'resources', said: { kind: 'unclear' } }, next)
    },
    toHost(envelope) {
      if (envelope.method === 'notifications/resources/updated' && isHiddenUpdate(envelope, view)) return
      // Nobody could tell what it answers.
      if (envelope.kind === 'response' && envelope.id === undefined) return
      const expected = envelope.kind === 'response' && lists.take(envelope.id!)
      if (!expected) return next.toHost(envelope)
      warnings.take(envelope)
      next.toHost(withoutHidden(envelope, expected, view))
    },
  })
}

/** The host's message is another one for those who take the first of two members, or do not look at their case. */
function refuseTwofold(envelope: Envelope, next: Lane): void {
  if (envelope.kind === 'notification' || envelope.id === undefined) return
  const message = 'mcp-ferry: the message has more than one method, and is not sent on'
  const answer = refuse(envelope.id, { code: CODE.invalidRequest, message })
  if (envelope.kind === 'request') next.toHost(answer)
  else next.toRemote(answer)
}

/** What the remote would say if it did not have it. */
function wordsOf(envelope: Envelope, { kind, said }: Subject): Refusal {
  if (said.kind !== 'text') {
    const message = `mcp-ferry: ${envelope.method} does not clearly say which one it is about`
    return { code: CODE.invalidParams, message }
  }
  if (kind !== 'resources')
    return {
      code: CODE.invalidParams,
      message: `Unknown ${kind === 'tools' ? 'tool' : 'prompt'}: ${said.text}`,
    }
  const isOldRead = envelope.method !== 'completion/complete' && !isModern(envelope)
  return {
    code: isOldRead ? NO_RESOURCE : CODE.invalidParams,
    message: 'Resource not found',
    data: { uri: said.text },
  }
}

/** The answer without the elements that the host does not get to see; all other bytes as they came. */
function withoutHidden(envelope: Envelope, lists: ReadonlySet<List>, view: View): Envelope {
  const { bytes } = envelope
  const edits: Edit[] = []
  for (const result of valuesOf(bytes, wholeOf(envelope), 'result'))
    for (const list of lists)
      for (const value of valuesOf(bytes, result, list.member)) {
        const first = bytes[value.start]
        if (first === 0x5b)
          edits.push(
            ...withoutElements(bytes, value, (element) => !view.isElementShown(list, bytes, element)),
          )
        // What is no list, but might be read as one.
        else if (first === 0x7b || first === 0x22) edits.push({ ...value, text: '[]' })
      }
  return applied(envelope, edits)
}

function isHiddenUpdate(envelope: Envelope, view: View): boolean {
  if (!view.covers('resources')) return false
  const uri = textIn(envelope.bytes, paramsOf(envelope), 'uri')
  return uri.kind !== 'text' || !view.isShown('resources', uri.text)
}

/** The subscription without the URIs that are hidden; undefined where it is not clear which it names. */
function withoutHiddenUris(envelope: Envelope, view: View): Envelope | undefined {
  const { bytes } = envelope
  const asked = objectIn(bytes, paramsOf(envelope), 'notifications')
  if (asked === undefined) return undefined
  const [uris, ...others] = valuesOf(bytes, asked, 'resourceSubscriptions')
  if (uris === undefined) return envelope
  if (others.length > 0 || !isArrayAt(bytes, uris)) return undefined
  const isHidden = (span: typeof uris): boolean => {
    const uri = readString(bytes, span)
    return uri === undefined || !view.isShown('resources', uri)
  }
  return elementsOf(bytes, uris).some(isHidden)
    ? applied(envelope, withoutElements(bytes, uris, isHidden))
    : envelope
}
