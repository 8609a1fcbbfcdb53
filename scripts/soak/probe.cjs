// Loaded into the bridge before it begins (node --expose-gc --require): answers over the channel of the process what it
// holds after everything that can be collected has been, and turns its clock. Nothing of the bridge is changed.
'use strict'
const { EventEmitter } = require('node:events')
const { Socket } = require('node:net')
const v8 = require('node:v8')
const clock = require('./clock.cjs')

const TURNS = 3

const turn = () => new Promise((resolve) => setImmediate(resolve))
const counted = (kind) => v8.queryObjects?.(kind, { format: 'count' }) ?? 0
const listenersOf = (emitter) =>
  emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)

/** What is collected only after something else has been takes more than one turn. */
async function collect() {
  for (let count = 0; count < TURNS; count++) {
    globalThis.gc()
    await turn()
  }
}

function look() {
  const { heapUsed, rss, external, arrayBuffers } = process.memoryUsage()
  const emitters = [process, process.stdin, process.stdout, process.stderr]
  for (const handle of process._getActiveHandles()) if (handle instanceof EventEmitter) emitters.push(handle)
  return {
    heapBytes: heapUsed + external,
    rssBytes: rss,
    bufferBytes: arrayBuffers,
    objects: counted(Object),
    sockets: counted(Socket),
    timers: clock.pending(),
    listeners: Math.max(...[...new Set(emitters)].map(listenersOf)),
  }
}

async function answer({ ask, value }) {
  if (ask === 'run') return clock.run(value)
  if (ask === 'sleep') return clock.sleep(value)
  if (ask === 'idle') return new Promise((resolve) => setTimeout(resolve, value))
  await collect()
  return ask === 'census' ? v8.writeHeapSnapshot(value) : look()
}

process.on('message', (message) => {
  void answer(message).then((found) => process.send?.({ number: message.number, found }))
})
// It does not keep the bridge alive.
process.channel?.unref()
clock.run(Number(process.env.FERRY_SOAK_RATE ?? 1))
