// A clock that runs faster, for one process: Date, performance.now, setTimeout and setInterval, all by the same factor,
// which may change while timers run. It waits for timers that are due: on a slow machine it goes slower, and no timer is
// ever late. Sockets, files and Node's own timers keep the time of the world. Loaded by probe.cjs.
'use strict'
const timers = require('node:timers')
const { performance } = require('node:perf_hooks')

const RealDate = Date
const real = { setTimeout, clearTimeout, now: performance.now.bind(performance) }
/** What the arithmetic of fractions loses. */
const SLACK_MS = 0.001
const LONGEST_MS = 2 ** 31 - 1

let rate = 1
let sinceRealMs = real.now()
let sinceMs = sinceRealMs
let asleepMs = 0
const startedAt = RealDate.now() - sinceRealMs

const nowMs = () => Math.min(sinceMs + (real.now() - sinceRealMs) * rate, earliestMs())
const dateMs = () => Math.floor(startedAt + nowMs() + asleepMs)

/** All timers that have yet to fire, also those that keep no process alive. */
const live = new Set()
/** When the first of them is due; undefined: to be found anew. */
let firstMs = Number.POSITIVE_INFINITY

function earliestMs() {
  if (firstMs === undefined) {
    firstMs = Number.POSITIVE_INFINITY
    for (const { dueMs } of live) firstMs = Math.min(firstMs, dueMs)
  }
  return firstMs
}

function setAnew() {
  const atMs = nowMs()
  sinceRealMs = real.now()
  sinceMs = atMs
}

class FastTimer {
  constructor(run, delayMs, args, isRepeated) {
    this.run = run
    this.delayMs = delayMs >= 1 && delayMs <= LONGEST_MS ? delayMs : 1
    this.args = args
    this.isRepeated = isRepeated
    this.isRef = true
    this.refresh()
  }
  refresh() {
    const dueMs = nowMs() + this.delayMs
    this.leave()
    this.dueMs = dueMs
    live.add(this)
    if (firstMs !== undefined && dueMs < firstMs) firstMs = dueMs
    this.arm()
    return this
  }
  leave() {
    if (live.delete(this) && this.dueMs === firstMs) firstMs = undefined
  }
  arm() {
    real.clearTimeout(this.timer)
    this.timer = real.setTimeout(() => this.fire(), Math.max(0, (this.dueMs - nowMs()) / rate))
    if (!this.isRef) this.timer.unref()
  }
  fire() {
    if (this.dueMs > nowMs() + SLACK_MS) return this.arm()
    setAnew()
    if (this.isRepeated) this.refresh()
    else this.leave()
    this.run.apply(this, this.args)
  }
  ref() {
    this.isRef = true
    this.timer.ref()
    return this
  }
  unref() {
    this.isRef = false
    this.timer.unref()
    return this
  }
  hasRef() {
    return live.has(this) && this.isRef
  }
  close() {
    this.leave()
    real.clearTimeout(this.timer)
    return this
  }
}

const clear = (timer) => (timer instanceof FastTimer ? void timer.close() : real.clearTimeout(timer))
const patched = {
  setTimeout: (run, delayMs, ...args) => new FastTimer(run, delayMs, args, false),
  setInterval: (run, delayMs, ...args) => new FastTimer(run, delayMs, args, true),
  clearTimeout: clear,
  clearInterval: clear,
}
class FastDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(dateMs())
    else super(...given)
  }
  static now() {
    return dateMs()
  }
}

Object.assign(globalThis, patched, { Date: FastDate })
Object.assign(timers, patched)
Object.defineProperty(performance, 'now', { value: nowMs, configurable: true, writable: true })

module.exports = {
  /** So many timers have yet to fire. */
  pending: () => live.size,
  run(factor) {
    setAnew()
    rate = factor
    for (const timer of live) timer.arm()
  },
  /** What a machine does that sleeps: the date goes on, timers do not. */
  sleep(ms) {
    asleepMs += ms
  },
}
