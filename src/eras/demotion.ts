// Whether a legacy host's modern remote has become a legacy one, as it seems to have: it is asked, and if it has, what it
// refused is done in a legacy session that the host need not know of. protocol.md F.6.
import { legacyVersion } from '../era/to-modern/handshake.ts'
import type { Sink } from '../lane.ts'
import type { Envelope } from '../message/envelope.ts'
import type { Remote } from '../remote/remote-face.ts'
import type { Discovery } from './discovery.ts'
import { type HiddenSessionSettings, openHidden } from './hidden-session.ts'

export interface DemotionSettings extends Pick<HiddenSessionSettings, 'makeLegacy' | 'hooks'> {
  readonly toHost: Sink
  /** The host's own handshake. */
  readonly initialize: Envelope
  readonly askEra: () => Promise<Discovery>
  /** It is a legacy one: goes on there with the request that was refused. */
  readonly onMoved: (session: Remote, request: Envelope) => void
}

export interface Demotion {
  readonly isUnderWay: boolean
  /** The remote has given this answer. If it is modern all the same, or speaks another version than the host was told, it stands. */
  begin(request: Envelope, answer: Envelope): void
  /** Nothing is moved any more. */
  stop(): Promise<void>
}

export function createDemotion(settings: DemotionSettings): Demotion {
  const { toHost, initialize, onMoved } = settings
  let isUnderWay = false
  let isOver = false
  let opening: Remote | undefined

  async function run(request: Envelope, answer: Envelope): Promise<void> {
    const outcome = await settings.askEra()
    if (outcome.kind !== 'legacy' || isOver) return stay(answer)
    const session = openHidden({
      ...settings,
      version: legacyVersion(initialize),
      onAnswer(isOpen) {
        opening = undefined
        isUnderWay = false
        if (isOpen && !isOver) return onMoved(session, request)
        void session.close()
        stay(answer)
      },
    })
    opening = session
  }

  function stay(answer: Envelope): void {
    isUnderWay = false
    if (!isOver) toHost(answer)
  }

  return {
    get isUnderWay() {
      return isUnderWay
    },
    begin(request, answer) {
      isUnderWay = true
      void run(request, answer)
    },
    async stop() {
      isOver = true
      await opening?.close()
    },
  }
}
