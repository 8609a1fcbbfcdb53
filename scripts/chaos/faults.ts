// Everything that can go wrong between the bridge and the remote, by name; data only. The proxy never tells a lie that
// the protocol knows no defence against: it answers "not accepted" (404, 410, 408, 425, 429, 503 with Retry-After)
// only for what it has not passed on. protocol.md 0.5.
import { type Era, MODERN } from './pairs.ts'

/** What passes: a request, a notification or answer, a GET for the remote's own stream or a subscription, a GET that
    resumes an answer. */
export type Target = 'request' | 'message' | 'listen' | 'resume'

/** How a connection ends: in order, or by a reset. */
export type Ending = 'fin' | 'rst'

export type Act =
  /** The proxy answers itself and passes nothing on. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly retryAfter?: string
      /** `$ID` stands for the request's id. */
      readonly body?: string
      readonly type?: string
    }
  /** The remote gets it and acts on it, and the proxy answers in its stead. */
  | { readonly kind: 'answer-after'; readonly status: number }
  /** Nothing is passed on. */
  | { readonly kind: 'cut-before'; readonly ending: Ending; readonly onlyReused?: true }
  /** The remote gets a part of the request, never the whole. */
  | { readonly kind: 'cut-request'; readonly in: 'head' | 'body' }
  | { readonly kind: 'cut-answer'; readonly in: 'start' | 'head' | 'body' | 'end'; readonly ending: Ending }
  /** Says "I am done" without an answer, and keeps the connection. */
  | { readonly kind: 'half-close'; readonly side: 'bridge' | 'remote' }
  /** For ever, as far as the bridge can tell; cut after some seconds so that the run comes to an end. */
  | { readonly kind: 'stall'; readonly at: 'before' | 'start' | 'body' }
  | { readonly kind: 'delay'; readonly what: 'request' | 'answer' }
  | { readonly kind: 'form'; readonly form: Form }
  /** A stream that lives for a while. */
  | { readonly kind: 'end-stream'; readonly how: Ending | 'in-event' | 'clean' | 'keeps-remote' }
  | { readonly kind: 'world'; readonly event: 'restart' | 'forget' | 'forget-and-end' | 'refuse' | 'cut-all' }

/** The same answer in other bytes. */
export type Form = 'bytes' | 'pieces' | 'merged' | 'slow-head' | 'informational' | 'comments' | 'fields'

export interface Fault {
  readonly name: string
  readonly on: readonly Target[]
  readonly weight: number
  readonly act: Act
  /** Not over HTTP+SSE, where it would say something else. */
  readonly streamableOnly?: true
  /** That a legacy remote has no stream, for the whole session (A.5): who subscribes then hears nothing more. */
  readonly saysNone?: true
  /** Only before a remote of this era; the other has no such thing, or no defence. */
  readonly only?: Era
}

const BOTH: readonly Target[] = ['request', 'message']
const GETS: readonly Target[] = ['listen', 'resume']
const SESSION_BODY =
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}}'

const answer = (status: number, weight: number, retryAfter?: string): Fault => ({
  name: `answers ${status}${retryAfter === undefined ? '' : ' with Retry-After'}`,
  on: BOTH,
  weight,
  act: { kind: 'answer', status, ...(retryAfter === undefined ? {} : { retryAfter }) },
})

const refuseGet = (status: number, weight: number): Fault => ({
  name: `stream: answers ${status}`,
  on: GETS,
  weight,
  act: { kind: 'answer', status },
  // What the GET of HTTP+SSE answers says whether there is such a server at all.
  ...(status < 500 ? { streamableOnly: true as const } : {}),
  ...(status === 404 || status === 405 ? { saysNone: true as const } : {}),
})

const form = (kind: Form, name: string): Fault => ({
  name,
  on: ['request', 'message', 'listen', 'resume'],
  weight: 8,
  act: { kind: 'form', form: kind },
})

const cutAnswer = (name: string, where: 'start' | 'head' | 'body' | 'end', ending: Ending): Fault => ({
  name,
  on: ['request', 'message', 'resume'],
  weight: 6,
  act: { kind: 'cut-answer', in: where, ending },
})

const world = (name: string, weight: number, event: (Act & { kind: 'world' })['event']): Fault => ({
  name,
  on: ['request'],
  weight,
  act: { kind: 'world', event },
})

/** A refusal in the modern era's own words, of what was not passed on. */
const refuse = (name: string, status: number, weight: number, code: number, data?: unknown): Fault => ({
  name: `answers ${status} ${name}`,
  on: ['request', 'listen'],
  weight,
  only: 'modern',
  act: {
    kind: 'answer',
    status,
    body: `{"jsonrpc":"2.0","id":$ID,"error":${JSON.stringify({ code, message: 'not now', data })}}`,
  },
})

const html = (status: number, weight: number): Fault => ({
  name: `answers ${status} with HTML`,
  on: ['request', 'listen'],
  weight,
  only: 'modern',
  act: { kind: 'answer', status, type: 'text/html', body: '<!doctype html><title>Back soon</title>' },
})

export const FAULTS: readonly Fault[] = [
  { name: 'cut before passing on', on: BOTH, weight: 6, act: { kind: 'cut-before', ending: 'fin' } },
  { name: 'reset before passing on', on: BOTH, weight: 6, act: { kind: 'cut-before', ending: 'rst' } },
  {
    name: 'kept-alive connection closed on use',
    on: BOTH,
    weight: 6,
    act: { kind: 'cut-before', ending: 'rst', onlyReused: true },
  },
  { name: "cut in the request's head", on: BOTH, weight: 5, act: { kind: 'cut-request', in: 'head' } },
  { name: "cut in the request's body", on: BOTH, weight: 5, act: { kind: 'cut-request', in: 'body' } },
  cutAnswer('cut before the answer', 'start', 'fin'),
  cutAnswer('reset before the answer', 'start', 'rst'),
  cutAnswer("cut in the answer's head", 'head', 'fin'),
  cutAnswer("cut in the answer's body", 'body', 'fin'),
  cutAnswer("reset in the answer's body", 'body', 'rst'),
  cutAnswer('cut after the answer', 'end', 'fin'),
  cutAnswer('reset after the answer', 'end', 'rst'),
  {
    name: 'half-closed towards the bridge',
    on: BOTH,
    weight: 5,
    act: { kind: 'half-close', side: 'bridge' },
  },
  {
    name: 'half-closed towards the remote',
    on: ['request'],
    weight: 5,
    act: { kind: 'half-close', side: 'remote' },
  },
  { name: 'stalls before passing on', on: BOTH, weight: 2, act: { kind: 'stall', at: 'before' } },
  {
    name: 'stalls before the answer',
    on: ['request', 'message', 'resume'],
    weight: 2,
    act: { kind: 'stall', at: 'start' },
  },
  {
    name: "stalls in the answer's body",
    on: ['request', 'message', 'resume'],
    weight: 2,
    act: { kind: 'stall', at: 'body' },
  },
  { name: 'delays the request', on: BOTH, weight: 8, act: { kind: 'delay', what: 'request' } },
  { name: 'delays the answer', on: BOTH, weight: 8, act: { kind: 'delay', what: 'answer' } },
  form('bytes', 'splits into single bytes'),
  form('pieces', 'splits at odd places'),
  form('merged', 'merges chunks'),
  form('slow-head', 'slow head with headers twice'),
  form('informational', 'informational answer first'),
  form('comments', 'comments between events'),
  form('fields', 'unknown fields between events'),
  { ...answer(404, 0.4), streamableOnly: true, only: 'legacy' },
  { ...answer(410, 0.4), streamableOnly: true, only: 'legacy' },
  {
    name: 'answers 400 for the session',
    on: BOTH,
    weight: 0.4,
    streamableOnly: true,
    only: 'legacy',
    act: { kind: 'answer', status: 400, body: SESSION_BODY },
  },
  answer(408, 3),
  answer(425, 3),
  answer(429, 3),
  answer(429, 4, '0'),
  answer(500, 4),
  answer(502, 4),
  answer(503, 4),
  answer(503, 4, '1'),
  answer(504, 4),
  {
    name: 'answers 502 after passing on',
    on: ['request'],
    weight: 4,
    act: { kind: 'answer-after', status: 502 },
  },
  {
    name: 'answers 504 after passing on',
    on: ['request'],
    weight: 4,
    act: { kind: 'answer-after', status: 504 },
  },
  {
    name: 'answers 500 after passing on',
    on: ['request'],
    weight: 4,
    act: { kind: 'answer-after', status: 500 },
  },
  refuseGet(404, 2),
  refuseGet(405, 1),
  refuseGet(409, 8),
  refuseGet(500, 8),
  refuseGet(503, 8),
  { name: 'stream: cut before passing on', on: GETS, weight: 8, act: { kind: 'cut-before', ending: 'rst' } },
  { name: 'stream: ends', on: GETS, weight: 12, act: { kind: 'end-stream', how: 'clean' } },
  { name: 'stream: cut', on: GETS, weight: 12, act: { kind: 'end-stream', how: 'fin' } },
  { name: 'stream: reset', on: GETS, weight: 12, act: { kind: 'end-stream', how: 'rst' } },
  { name: 'stream: cut in an event', on: GETS, weight: 12, act: { kind: 'end-stream', how: 'in-event' } },
  {
    name: 'stream: half-open towards the remote',
    on: GETS,
    weight: 8,
    act: { kind: 'end-stream', how: 'keeps-remote' },
  },
  world('remote restarted', 0.4, 'restart'),
  { ...world('sessions forgotten', 0.4, 'forget'), only: 'legacy' },
  { ...world('sessions forgotten and streams ended', 0.4, 'forget-and-end'), only: 'legacy' },
  world('port refuses for a while', 0.4, 'refuse'),
  world('all connections cut', 0.4, 'cut-all'),
  refuse('-32020', 400, 2, -32020),
  // As half of a deployment answers that is not yet, or already, what the other half is.
  refuse('-32022 of the past', 400, 0.7, -32022, { supported: ['2025-11-25'], requested: MODERN }),
  refuse('-32022 of the future', 400, 1, -32022, { supported: ['2099-01-01'], requested: MODERN }),
  refuse('-32601', 404, 2, -32601),
  refuse('-32603', 500, 3, -32603),
  html(200, 3),
  html(404, 3),
  html(502, 3),
]
