// Changes members and elements of a message by splicing: what is set, taken out or added is named by its path, and every
// other byte stays as it came. All that one era says differently from the other is rewritten by this. protocol.md 0.4.
import { edited } from './edit.ts'
import { type Envelope, spanAt } from './envelope.ts'
import { eachElement, eachMember, isArrayAt, isObjectAt, readString, type Shape, type Span } from './peek.ts'
import { decode, encode, join } from './utf8.ts'

/** The JSON text of a new value; `undefined` takes the member out; an object says what changes within the member. */
export type Change = string | undefined | Changes

export interface Changes {
  readonly [name: string]: Change
}

/** What stands in place of these bytes. */
export interface Edit extends Span {
  readonly text: string
}

/** An object that has lost its last member goes itself, if it is one of these: they are optional everywhere. */
const OPTIONAL: ReadonlySet<string> = new Set(['_meta', 'params'])

/** The message with these changes to its top-level members. The changes must leave it JSON-RPC. */
export function rewrite(envelope: Envelope, changes: Changes): Envelope {
  const { bytes } = envelope
  const edits =
    editsOfKnown(envelope, changes) ??
    editsOf(bytes, { start: bytes.indexOf(0x7b), end: bytes.length }, changes)
  return applied(envelope, edits)
}

/** The edits, where they only change members that the message is known to have: the message is not read for them again. */
function editsOfKnown({ bytes, shape }: Envelope, changes: Changes): Edit[] | undefined {
  const edits: Edit[] = []
  for (const [name, change] of Object.entries(changes)) {
    const value = shape[name as keyof Shape]
    if (value === undefined || change === undefined) return undefined
    if (!isChanges(change)) edits.push({ ...value, text: change })
    else {
      const members = membersWithin(bytes, value, change)
      if (goes(bytes, name, members, change)) return undefined
      edits.push(...editsWithin(bytes, value, change, members))
    }
  }
  return edits
}

/** The message with these edits, which must not overlap. */
export function applied(envelope: Envelope, edits: readonly Edit[]): Envelope {
  return edits.length === 0 ? envelope : edited(splice(envelope.bytes, edits))
}

/** The bytes of `within` (all, if left out) with these edits, which must not overlap. */
export function splice(
  bytes: Uint8Array,
  edits: readonly Edit[],
  within: Span = { start: 0, end: bytes.length },
): Uint8Array {
  const parts: Uint8Array[] = []
  let from = within.start
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(bytes.subarray(from, start), encode(text))
    from = end
  }
  parts.push(bytes.subarray(from, within.end))
  return join(parts)
}

/** What a request says of itself (`_meta`, as JSON), without what is about its progress alone. */
export function requestMeta(request: Envelope): string | undefined {
  const { bytes } = request
  const meta = spanAt(request, 'params', '_meta')
  if (!isObjectAt(bytes, meta)) return undefined
  return decode(splice(bytes, editsOf(bytes, meta, { progressToken: undefined }), meta))
}

export interface Member {
  readonly name: string
  readonly key: Span
  readonly value: Span
}

/**
 * The members of the object at `span`, in their order, with duplicates; none if something else stands there. Those
 * behind the first `most` are left out: taken apart, a member takes ten times its bytes.
 */
export function membersOf(
  bytes: Uint8Array,
  span: Span | undefined,
  most = Number.POSITIVE_INFINITY,
): Member[] {
  const members: Member[] = []
  if (!isObjectAt(bytes, span)) return members
  eachMember(bytes, span.start, (start, end, value) => {
    if (members.length >= most) return
    const key = { start, end }
    members.push({ name: readString(bytes, key) ?? '', key, value })
  })
  return members
}

/** Where the value of the member of this name stands: the last, where there are several. */
export function valueIn(members: readonly Member[], name: string): Span | undefined {
  return members.findLast((member) => member.name === name)?.value
}

/** Where the elements of the array at `span` stand; none if something else stands there. */
export function elementsOf(bytes: Uint8Array, span: Span | undefined): Span[] {
  const elements: Span[] = []
  if (isArrayAt(bytes, span)) eachElement(bytes, span.start, (element) => elements.push(element))
  return elements
}

/**
 * The edits that make these changes in the object at `span`, whose members may be known already. Of duplicate names the
 * last is changed, all are taken out.
 */
export function editsOf(
  bytes: Uint8Array,
  span: Span,
  changes: Changes,
  members: readonly Member[] = membersOf(bytes, span),
): Edit[] {
  const gone = new Set<Member>()
  const edits: Edit[] = []
  const added: string[] = []
  for (const [name, change] of Object.entries(changes)) {
    const value = valueIn(members, name)
    if (value === undefined) {
      const text = textOf(change)
      if (text !== undefined) added.push(`${JSON.stringify(name)}:${text}`)
      continue
    }
    const within = membersWithin(bytes, value, change)
    if (goes(bytes, name, within, change)) {
      for (const member of members) if (member.name === name) gone.add(member)
    } else if (isChanges(change)) edits.push(...editsWithin(bytes, value, change, within))
    else edits.push({ ...value, text: change! })
  }
  return [...edits, ...cuts(members, gone), ...additions({ span, members, gone, added })]
}

/** An object is changed within; anything else is replaced by what the changes come to. */
function editsWithin(bytes: Uint8Array, value: Span, changes: Changes, members: readonly Member[]): Edit[] {
  if (bytes[value.start] === 0x7b) return editsOf(bytes, value, changes, members)
  return [{ ...value, text: madeOf(changes) ?? '{}' }]
}

/** The members that this change may be about. */
function membersWithin(bytes: Uint8Array, value: Span, change: Change): Member[] {
  return isChanges(change) ? membersOf(bytes, value) : []
}

/** Whether the member of this name goes with what this change leaves of its own members. */
function goes(bytes: Uint8Array, name: string, members: readonly Member[], change: Change): boolean {
  if (!isChanges(change)) return change === undefined
  if (!OPTIONAL.has(name) || sets(change)) return false
  return members.every(({ name: inner, value }) => {
    const within = change[inner]
    return Object.hasOwn(change, inner) && goes(bytes, inner, membersWithin(bytes, value, within), within)
  })
}

/** Whether these changes set anything. */
function sets(changes: Changes): boolean {
  return Object.values(changes).some((change) => (isChanges(change) ? sets(change) : change !== undefined))
}

/** The object that these changes make where there was none; undefined if they set nothing. */
function madeOf(changes: Changes): string | undefined {
  const set = Object.entries(changes).flatMap(([name, change]) => {
    const text = textOf(change)
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`]
  })
  return set.length === 0 ? undefined : `{${set.join(',')}}`
}

function textOf(change: Change): string | undefined {
  return isChanges(change) ? madeOf(change) : change
}

/** Each member goes with the comma in front of it; the first ones that go, with the one behind. */
function cuts(
  members: readonly { readonly key: Span; readonly value: Span }[],
  gone: ReadonlySet<unknown>,
): Edit[] {
  const edits: Edit[] = []
  if (gone.size === 0) return edits
  let hasKept = false
  members.forEach((member, at) => {
    if (!gone.has(member)) hasKept = true
    else if (hasKept) edits.push({ start: members[at - 1]!.value.end, end: member.value.end, text: '' })
    else
      edits.push({ start: member.key.start, end: members[at + 1]?.key.start ?? member.value.end, text: '' })
  })
  return edits
}

function additions(to: {
  readonly span: Span
  readonly members: readonly Member[]
  readonly gone: ReadonlySet<Member>
  readonly added: readonly string[]
}): Edit[] {
  const { span, members, gone, added } = to
  if (added.length === 0) return []
  const isEmpty = members.every((member) => gone.has(member))
  const at = members.at(-1)?.value.end ?? span.start + 1
  return [{ start: at, end: at, text: `${isEmpty ? '' : ','}${added.join(',')}` }]
}

/** The edits that take these elements out of the array at `span`. */
export function withoutElements(
  bytes: Uint8Array,
  span: Span | undefined,
  isUnwanted: (element: Span, at: number) => boolean,
): Edit[] {
  const elements = elementsOf(bytes, span).map((value) => ({ key: value, value }))
  return cuts(elements, new Set(elements.filter(({ value }, at) => isUnwanted(value, at))))
}

function isChanges(change: Change): change is Changes {
  return typeof change === 'object'
}
