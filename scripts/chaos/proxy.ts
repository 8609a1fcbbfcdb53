// The fault proxy between the bridge and the remote. Asks the plan what is to happen to each request, and makes the
// faults that meet everybody: the port that refuses, the remote that starts anew, all connections cut.
import { Agent } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Caller, type RawRequest, receive } from './caller.ts'
import type { Act, Target } from './faults.ts'
import { keyOf, parseRpc } from './instruction.ts'
import { LISTEN, type Pair } from './pairs.ts'
import { pass } from './passage.ts'
import type { Plan } from './plan.ts'
import { between, type Random } from './random.ts'
import type { Remote } from './remote.ts'

export interface Proxy {
  readonly port: number
  close(): Promise<void>
}

const REFUSING_MS = [100, 900] as const
/** How long a remote that starts anew is away. */
const RESTART_MS = [50, 600] as const

export async function startProxy(plan: Plan, remote: Remote, pair: Pair): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const agent = new Agent({ keepAlive: true })
  let gets = 0
  let isClosed = false
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    receive(socket, serve)
  })
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  await listen(0)
  const { port } = server.address() as AddressInfo

  function cutAll(): void {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  function refuse(ms: number): void {
    if (!server.listening) return
    server.close()
    setTimeout(() => {
      if (!isClosed) void listen(port)
    }, ms)
  }

  function world(event: (Act & { kind: 'world' })['event'], random: Random): void {
    if (event === 'forget') return remote.forget(false)
    if (event === 'forget-and-end') return remote.forget(true)
    const [low, high] = event === 'restart' ? RESTART_MS : REFUSING_MS
    if (event !== 'cut-all') refuse(between(random, low, high))
    if (event === 'restart') remote.restart()
    if (event !== 'refuse') cutAll()
  }

  function serve(request: RawRequest, caller: Caller): void {
    const [target, key] = classify(request)
    const { fault, random } = plan.draw(target, key)
    const isApplied = fault !== undefined && !(needsReuse(fault.act) && !request.isReused)
    if (isApplied) plan.count(fault)
    const isStream = request.method === 'GET' || target === 'listen'
    const passage = { request, caller, isStream, random, remotePort: remote.port, agent, world }
    pass(passage, isApplied ? fault.act : undefined)
  }

  function classify(request: RawRequest): readonly [Target, string] {
    if (request.method === 'GET') {
      const last = request.header('last-event-id')
      // Event ids of the remote's own stream begin with g; other streams are answers.
      const target = last === undefined || last.startsWith('g') ? 'listen' : 'resume'
      return target === 'resume' ? [target, last!] : [target, String(++gets)]
    }
    const text = request.body.toString('utf8')
    const message = parseRpc(text)
    if (message?.method === undefined || message.id === undefined) return ['message', text]
    if (message.method === LISTEN) return ['listen', String(++gets)]
    // Where the bridge asks in its own name its ids say less than the host's keys.
    const key = pair === 'legacy-legacy' ? undefined : keyOf(message.params)
    return ['request', `${message.method} ${key ?? JSON.stringify(message.id)}`]
  }

  return {
    port,
    close: () =>
      new Promise((resolve) => {
        isClosed = true
        agent.destroy()
        cutAll()
        if (server.listening) server.close(() => resolve())
        else resolve()
      }),
  }
}

function needsReuse(act: Act): boolean {
  return act.kind === 'cut-before' && act.onlyReused === true
}
