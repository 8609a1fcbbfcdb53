// Keeps a number of calls in flight: each answer lets the next call go. The calls are written out before the clock starts.
import { decode, encode } from './host.mjs'

// Sends all `calls`, each of which brings `linesPerCall` lines; gives what came and how long it took.
export async function keepInFlight(
  bridge,
  calls,
  { inFlight = 64, linesPerCall = 1, timeoutMs = 60_000 } = {},
) {
  const texts = calls.map((call) => encode(call))
  let sent = inFlight
  let lines = 0
  const more = (count) => {
    lines += count
    const from = sent
    sent = inFlight + Math.floor(lines / linesPerCall)
    return texts.slice(from, sent).join('')
  }
  const options = { lines: calls.length * linesPerCall, more, timeoutMs }
  const { chunks, ms } = await bridge.exchange(texts.slice(0, inFlight).join(''), options)
  return { messages: decode(chunks), ms }
}
