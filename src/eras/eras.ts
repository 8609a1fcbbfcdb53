// Both eras at once: each message of the host goes to the side of its own era, which knows what to make of it for the remote.
// Loaded with the first message that is not plainly legacy, or when the remote turns out not to be. protocol.md 0.2.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { type Era, META, modernVersion } from '../era/era.ts'
import { createModernToLegacy } from '../era/to-legacy/modern-to-legacy.ts'
import { createLegacyToModern } from '../era/to-modern/legacy-to-modern.ts'
import type { JunctionSettings } from '../junction.ts'
import type { Sink } from '../lane.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { CODE, cancelledId, refuse } from '../message/message.ts'
import { createModernRemote } from '../remote/modern/modern-remote.ts'
import type { Remote } from '../remote/remote-face.ts'
import { createLegacyHost, type LegacyHost } from './legacy-host.ts'
import { createModernHost } from './modern-host.ts'
import { isModernError } from './verdict.ts'

export interface ErasSettings extends JunctionSettings {
  /** The remote that there is, in the legacy era. */
  readonly legacy: Remote
  /** What is remembered of the remote. */
  readonly expected: Era | undefined
  /** Whether the host has shaken hands in the legacy era. */
  readonly hasInitialize: boolean
}

export interface Eras extends Pick<LegacyHost, 'isModern' | 'takeOver'> {
  readonly toRemote: Sink
  inputEnded(): void
  idle(): Promise<void>
  close(): Promise<void>
}

export function createEras(settings: ErasSettings): Eras {
  const { toHost, log, options, host, memory, makeRemote, post, dropIdle, weigh, version } = settings
  const { limits, remoteEra: choice, declinesModern } = options
  let hasInitialize = settings.hasInitialize
  let hasModern = false
  const makeModern = (to: Sink) => createModernRemote({ post, toHost: to, log, limits, dropIdle, weigh })
  const fixed = choice === 'legacy' || choice === 'modern' ? choice : undefined
  const shared = {
    toHost,
    log,
    host,
    weigh,
    startBudgetMs: limits.startBudgetMs,
    makeModern,
    recall: memory.recall,
    waitsFor: settings.waitsFor,
  }

  // The host knows nothing of how the bridge signs in (SEP-1046).
  const ownExtensions = options.signIn.grant === 'client-credentials' ? ['oauth-client-credentials'] : []
  const legacyHost = createLegacyHost({
    ...shared,
    ownExtensions,
    choice,
    expected: choice === 'legacy' ? undefined : settings.expected,
    legacy: settings.legacy,
    makeLegacy: (to, hooks) => makeRemote(to, { ...hooks, startBudgetMs: 0 }),
    makeTranslation: (more) => createLegacyToModern({ ...more, log, host, ownExtensions, newId: randomUUID }),
    remember(era, initializeResult) {
      if (initializeResult !== undefined) memory.remember(initializeResult)
      memory.rememberEra({ era })
    },
  })

  const modernHost = createModernHost({
    ...shared,
    declines: declinesModern,
    expected: fixed ?? settings.expected,
    isFixed: fixed !== undefined,
    makeTranslation: (to, onOtherEra) =>
      createModernToLegacy({
        openRemote(fromLegacy) {
          let origin: Id | undefined
          return makeRemote((envelope) => fromLegacy(envelope, origin), {
            // The host waits here as long as for a remote of its own era.
            startBudgetMs: 0,
            onStream(request) {
              origin = request
            },
            async isOtherEra(answer) {
              if (answer !== undefined && isModernError(answer)) onOtherEra()
              return false
            },
          })
        },
        toHost: to,
        log,
        version,
        newToken: () => randomBytes(16).toString('base64url'),
        digest: (bytes) => createHash('sha256').update(bytes).digest('base64url'),
        parkedMs: limits.inputTimeoutMs,
      }),
    remember: (era) => memory.rememberEra({ era }),
  })

  function fromRequest(request: Envelope): void {
    if (modernVersion(request) !== undefined) {
      hasModern = true
      modernHost.toRemote(request)
    } else if (request.method === 'initialize') {
      hasInitialize = true
      legacyHost.toRemote(request)
    } else if (hasInitialize || !hasModern) legacyHost.toRemote(request)
    else toHost(withoutMeta(request))
  }

  return {
    toRemote(envelope) {
      if (envelope.kind === 'request') return fromRequest(envelope)
      const cancelled = cancelledId(envelope)
      if (cancelled !== undefined && modernHost.owns(cancelled)) return modernHost.toRemote(envelope)
      // What belongs to nobody is of no use to a modern remote, and a legacy one that has no session yet.
      if (hasInitialize || envelope.kind === 'response') return legacyHost.toRemote(envelope)
      if (envelope.method !== 'notifications/cancelled') modernHost.toRemote(envelope)
    },
    isModern: legacyHost.isModern,
    takeOver: legacyHost.takeOver,
    inputEnded() {
      legacyHost.inputEnded()
      modernHost.inputEnded()
    },
    idle: () => Promise.all([legacyHost.idle(), modernHost.idle()]).then(() => {}),
    close: () => Promise.all([legacyHost.close(), modernHost.close()]).then(() => {}),
  }
}

/** A host of the modern era says with each request what it is (26/B Per-request protocol fields). */
function withoutMeta(request: Envelope): Envelope {
  const message = `mcp-ferry: ${request.method} has no _meta["${META}protocolVersion"], which every request of this era must have`
  return refuse(request.id, {
    code: CODE.invalidParams,
    message,
    data: { origin: 'mcp-ferry', kind: 'protocol' },
  })
}
