// Where the eras part. A legacy host with a legacy remote, which most are, passes straight through; with the first sign of
// the modern era, on either side, `eras/` is loaded and sees to it. protocol.md 0.2, F.
import { type Era, modernVersion } from './era/era.ts'
import type { Eras } from './eras/eras.ts'
import { type BridgeError, toBridgeError } from './errors.ts'
import type { Sink } from './lane.ts'
import type { Log } from './log.ts'
import type { Envelope } from './message/envelope.ts'
import { refusal } from './message/message.ts'
import type { Options } from './options/options.ts'
import { createHeld, type Held } from './remote/held.ts'
import type { Remote, RemoteSettings } from './remote/remote-face.ts'
import type { Transport } from './remote/transport.ts'

/** What is remembered of a remote, to try first what it spoke last. */
export interface EraHint {
  readonly era: Era
  readonly transport?: 'http+sse'
}

export interface JunctionSettings {
  readonly options: Pick<Options, 'remoteEra' | 'declinesModern' | 'limits' | 'signIn'>
  readonly toHost: Sink
  readonly log: Log
  /** The remote's host name, for sentences. */
  readonly host: string
  readonly version: string
  /** Makes a remote of the legacy era. */
  readonly makeRemote: (toHost: Sink, more: RemoteChanges, hint?: EraHint) => Remote
  /** Sends one message by Streamable HTTP. */
  readonly post: Transport['post']
  readonly dropIdle: () => void
  readonly weigh: RemoteSettings['weigh']
  /** What somebody has to do before the remote can be open: sign in. */
  readonly waitsFor: () => BridgeError | undefined
  readonly memory: Remembering
}

export interface Remembering {
  /** The JSON of the last InitializeResult, if one is known. Never rejects. */
  recall(): Promise<string | undefined>
  /** Keeps it for the next start; not now, but soon. */
  remember(initializeResult: string): void
  /** Which era and transport the remote spoke last, if that is not the usual. Soon, whatever the disk does. */
  recallEra(): Promise<EraHint | undefined>
  /** Keeps it for the next start; not now, but soon. */
  rememberEra(hint: EraHint): void
}

export type RemoteChanges = Partial<
  Pick<RemoteSettings, 'isOtherEra' | 'onMoved' | 'onForward' | 'onStream'>
> & {
  readonly startBudgetMs?: number
}

export type Junction = Omit<Remote, 'canSpeakUnasked' | 'silentForMs'>

export function createJunction(settings: JunctionSettings): Junction {
  const { options, log, toHost, memory } = settings
  const choice = options.remoteEra
  let hint: EraHint | undefined
  let initialize: Envelope | undefined
  let legacy: Remote | undefined
  let eras: Eras | undefined
  let loading: Promise<Eras> | undefined
  let hasInputEnded = false
  /** Messages that wait for what is remembered, or for `eras/`. */
  let waiting: Held | undefined = createHeld(settings.weigh)

  const ready = memory.recallEra().then((recalled) => {
    hint = recalled
    legacy = settings.makeRemote(toHost, choice === 'legacy' ? {} : HOOKS, hint)
    release()
  })

  const HOOKS: RemoteChanges = {
    isOtherEra: (answer, error) => load().then((loaded) => loaded.isModern(initialize!, answer, error)),
    onMoved: (left) => eras!.takeOver(left),
    onForward: (request) => eras!.toRemote(request),
  }

  const toRemote: Sink = (envelope) => {
    if (envelope.method === 'initialize') initialize = envelope
    if (waiting !== undefined) waiting.push(envelope)
    else if (eras !== undefined) eras.toRemote(envelope)
    else if (isOurs(envelope)) {
      waiting = createHeld(settings.weigh)
      waiting.push(envelope)
      void load().then(() => release(), giveUp)
    } else legacy!.toRemote(envelope)
  }

  /** Whether this is more than a legacy host's message to what may be a legacy remote. */
  function isOurs(envelope: Envelope): boolean {
    if (envelope.kind !== 'request') return false
    if (speaksModern(envelope)) return true
    if (envelope.method !== 'initialize' || choice === 'legacy') return false
    return choice !== 'auto' || hint?.era === 'modern'
  }

  function load(): Promise<Eras> {
    loading ??= import('./eras/eras.ts').then(({ createEras }) => {
      const hasInitialize = initialize !== undefined
      eras = createEras({ ...settings, legacy: legacy!, expected: hint?.era, hasInitialize })
      if (hasInputEnded && waiting === undefined) eras.inputEnded()
      return eras
    })
    return loading
  }

  function release(send = toRemote): void {
    const messages = waiting?.takeAll() ?? []
    waiting = undefined
    for (const message of messages) send(message)
    if (hasInputEnded && waiting === undefined) (eras ?? legacy)?.inputEnded()
  }

  /** In this turn, if there is something to do it with. */
  function inside(act: (remote: Pick<Remote, 'idle' | 'close'>) => Promise<void>): Promise<void> {
    const remote = eras ?? legacy
    return remote === undefined ? ready.then(() => act(legacy!)) : act(remote)
  }

  /** The program is being updated, and its files are not there: what a legacy remote understands goes on. */
  function giveUp(thrown: unknown): void {
    loading = undefined
    const error = toBridgeError(thrown)
    log.error(error.message)
    release((message) => {
      if (message.kind === 'request' && speaksModern(message)) toHost(refusal(message.id!, error))
      else legacy!.toRemote(message)
    })
  }

  return {
    toRemote,
    inputEnded() {
      hasInputEnded = true
      if (waiting === undefined) (eras ?? legacy)?.inputEnded()
    },
    idle: () => inside((remote) => remote.idle()),
    close: () => inside((remote) => remote.close()),
  }
}

const NEEDLE = Buffer.from('protocolVersion')

/** Whether a request names a version of its own. Most do not hold the word at all, which is found out ten times as fast. */
function speaksModern(request: Envelope): boolean {
  const at = Buffer.prototype.indexOf.call(request.skeleton ?? request.bytes, NEEDLE)
  return at >= 0 && modernVersion(request) !== undefined
}
