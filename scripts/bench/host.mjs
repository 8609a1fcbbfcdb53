// Plays the host over stdio. It counts newlines in raw bytes and looks into them only after the clock has stopped,
// so that its own work is small and the same for every bridge. A bridge that stops, hangs or answers wrongly is an
// error with the last words of its stderr, never a number.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { descendants } from './meter.mjs'

export const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1.0.0' },
  },
}
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' }
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

// No id comes twice in a session, as the protocol asks, and all have the same length.
let lastId = 1_000_000
export const callTool = (name, args = {}, _meta) => ({
  jsonrpc: '2.0',
  id: ++lastId,
  method: 'tools/call',
  params: { name, arguments: args, _meta },
})
export const encode = (...messages) => messages.map((message) => `${JSON.stringify(message)}\n`).join('')
export const decode = (chunks) => Buffer.concat(chunks).toString().trimEnd().split('\n').map(JSON.parse)

export function expect(truth, otherwise) {
  if (!truth) throw new Error(otherwise)
}

// A home of its own for every run of the bench: nobody's stored sign-ins or settings take part.
const home = mkdtempSync(join(tmpdir(), 'bench-'))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))
const env = { PATH: process.env.PATH, HOME: home, USERPROFILE: home, SYSTEMROOT: process.env.SYSTEMROOT }

/** What a run met when its time was over; the cells of the table tell it from a bridge that broke. */
class OutOfTime extends Error {
  constructor(message, timeoutMs) {
    super(message)
    this.text = `> ${timeoutMs / 1000} s`
  }
}

function countNewlines(chunk) {
  let count = 0
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++
  return count
}

// A target is a script for the Node of the bench or another one, or a program that finds its Node itself.
function start({ program, file, argsOf, node, env: more }, url, stdio) {
  const args = [...(file === undefined ? [] : [file]), ...argsOf(url)]
  const path = node === undefined ? env.PATH : `${dirname(node)}${delimiter}${env.PATH}`
  return spawn(program ?? node ?? process.execPath, args, {
    env: { ...env, PATH: path, ...more },
    cwd: home,
    stdio,
  })
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {} // it has gone by itself
}

let opened = 0
export function open(target, url) {
  const noise = join(home, `stderr-${++opened}`)
  const noiseFd = openSync(noise, 'w')
  const startedAt = performance.now()
  const child = start(target, url, ['pipe', 'pipe', noiseFd])
  closeSync(noiseFd)

  let pending // the exchange under way
  let ended // why there can be no other
  const fail = (reason, error) => {
    ended ??= reason
    const words = readFileSync(noise, 'utf8').trim().split('\n').slice(-3).join(' | ').slice(-300)
    pending?.reject(error ?? new Error(`${reason}${words && ` (${words})`}`))
    pending = undefined
  }
  child.stdin.on('error', () => {})
  child.on('error', (error) => fail(error.message))
  const exited = new Promise((resolve) => child.on('exit', resolve))
  exited.then((code) => fail(`exited with ${code}`))
  child.stdout.on('data', (chunk) => {
    if (pending) pending.onChunk(chunk)
    else fail('sent something that nobody asked for')
  })
  const watch = setInterval(() => {
    if (!pending || performance.now() < pending.deadline) return
    const reason = `no answer in ${pending.timeoutMs / 1000} s, ${pending.lines} lines to come`
    fail(reason, new OutOfTime(reason, pending.timeoutMs))
  }, 250)

  // Writes `text` and waits for `lines` lines; `more(count)` may give text to write when `count` lines have come.
  function exchange(text, { lines = 1, more, keep = true, timeoutMs = 30_000 } = {}) {
    return new Promise((resolve, reject) => {
      if (ended) return reject(new Error(ended))
      const chunks = []
      const sentAt = performance.now()
      const onChunk = (chunk) => {
        const now = performance.now()
        const count = countNewlines(chunk)
        if (keep) chunks.push(chunk)
        pending.lines -= count
        if (pending.lines < 0) return fail('sent more than it was asked for')
        if (pending.lines === 0) {
          pending = undefined
          return resolve({ chunks, ms: now - sentAt, sinceStartMs: now - startedAt })
        }
        const next = more?.(count)
        if (next) child.stdin.write(next)
      }
      pending = { lines, deadline: sentAt + timeoutMs, timeoutMs, onChunk, reject }
      child.stdin.write(text)
    })
  }

  return {
    pid: child.pid,
    exchange,
    pause: () => child.stdout.pause(),
    resume: () => child.stdout.resume(),
    async handshake(timeoutMs) {
      const opening = await exchange(encode(initialize), { timeoutMs })
      const listing = await exchange(encode(initialized, list))
      const [first, second] = decode([...opening.chunks, ...listing.chunks])
      if (first?.result?.serverInfo?.name !== 'bench' || second?.result?.tools?.length !== 5)
        throw new Error('wrong answers to the handshake')
      return { initializeMs: opening.sinceStartMs, listMs: listing.sinceStartMs }
    },
    async close() {
      clearInterval(watch)
      pending = undefined
      child.stdout.resume()
      child.stdout.removeAllListeners('data')
      child.stdout.on('data', () => {})
      child.stdin.end()
      const all = descendants(child.pid)
      const timer = setTimeout(() => {
        for (const pid of all) end(pid)
      }, 3000)
      await exited
      clearTimeout(timer)
    },
  }
}
