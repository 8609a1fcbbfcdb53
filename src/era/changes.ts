// What a server tells of when it changes, under the same names in both eras: its lists, and resources that were subscribed to;
// and how the modern era says which subscription that is about. protocol.md D.6, E.7.
import { type Envelope, spanAt } from '../message/envelope.ts'
import { notification } from '../message/message.ts'
import { rewrite } from '../message/rewrite.ts'
import { textAt } from '../message/utf8.ts'
import { META } from './era.ts'

export const LIST_KINDS = ['tools', 'prompts', 'resources'] as const
export type ListKind = (typeof LIST_KINDS)[number]

export const RESOURCE_UPDATED = 'notifications/resources/updated'
export const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
/** The member of `_meta` that names the subscription. */
export const SUBSCRIPTION_ID = `${META}subscriptionId`

const METHODS: ReadonlyMap<string | undefined, ListKind> = new Map(
  LIST_KINDS.map((kind) => [`notifications/${kind}/list_changed`, kind]),
)

/** Which list this method tells of, if it tells of one. */
export function changedList(method: string | undefined): ListKind | undefined {
  return METHODS.get(method)
}

/** Whether this method tells of any change. */
export function isChange(method: string | undefined): boolean {
  return method === RESOURCE_UPDATED || METHODS.has(method)
}

/** Tells that this list has changed. */
export function listChanged(kind: ListKind): Envelope {
  return notification(`notifications/${kind}/list_changed`)
}

/** The change as it is told on this subscription (its id as JSON); undefined: as it is told where there are none. */
export function toldOn(subscription: string | undefined, change: Envelope): Envelope {
  return rewrite(change, { params: { _meta: { [SUBSCRIPTION_ID]: subscription } } })
}

/** The lists whose changes a `subscriptions/listen` asks for, or its acknowledgement promises. */
export function listsIn(subscription: Envelope): ListKind[] {
  return LIST_KINDS.filter((kind) => {
    const value = spanAt(subscription, 'params', 'notifications', `${kind}ListChanged`)
    return value !== undefined && textAt(subscription.bytes, value) === 'true'
  })
}

/** The same as members of `notifications`, in JSON. */
export function listMembers(kinds: readonly ListKind[]): string[] {
  return kinds.map((kind) => `"${kind}ListChanged":true`)
}
