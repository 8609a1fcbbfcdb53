// A proxy that puts a distance between a bridge and the server: each byte takes half a round trip, either way, and a new
// connection stands one round trip after it was asked for, as TCP's own handshake takes. On loopback `connect` is there
// at once, so what is written too early waits for the moment at which it could have been written. Nothing is slower
// for being more: it is the time of light, not the width of the line.
import { connect, createServer } from 'node:net'

// Sends on what comes from one socket to the other, each chunk by itself half a round trip late. Whichever timer comes
// first lets the oldest go: timers that are due in the same millisecond keep no order.
function delay(from, to, halfMs, notBefore) {
  const waiting = []
  const later = (act) => {
    waiting.push(act)
    const waitMs = Math.max(0, notBefore - performance.now()) + halfMs
    setTimeout(() => waiting.shift()(), waitMs)
  }
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)))
  from.on('end', () => later(() => to.end()))
  from.on('close', (hadError) => hadError && later(() => to.destroy()))
  from.on('error', () => {})
}

// Listens for the server at `port`; gives the port of its distant side.
export function distant(port, roundTripMs) {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.setNoDelay()
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setNoDelay()
    const connectedAt = performance.now() + roundTripMs
    delay(near, far, roundTripMs / 2, connectedAt)
    delay(far, near, roundTripMs / 2, 0)
  })
  server.unref() // whoever has the server at `port` decides how long there is anything to reach
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}
