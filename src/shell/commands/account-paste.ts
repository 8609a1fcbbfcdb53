// The way back to `mcp-ferry login` for a browser on another machine: the person pastes the address that it ended at, and
// it is given to the listener on this machine as the browser would have, so that everything is checked in one place.
// protocol.md G.5, G.7.
import { request } from 'node:http'
import type { Readable } from 'node:stream'
import { readPasted, sameState } from '../../auth/person/pasted.ts'
import type { Log } from '../../log.ts'

/** A terminal that can give each key as it comes: as lines it gives no more than 1024 or 4096 characters. */
export type Keyboard = Readable & {
  readonly isTTY?: boolean
  readonly isRaw?: boolean
  setRawMode?(isRaw: boolean): unknown
}

export interface PastingSettings {
  readonly input: Keyboard
  readonly tell: (line: string) => void
  readonly log: Log
  /** Ctrl-C: a terminal that gives keys makes no signal of it. */
  readonly onCancel: () => void
}

export interface Pasting {
  /** From now on what is pasted goes there. */
  open(address: string, redirectUri: string): void
  close(): void
}

/** A paste may have line breaks in it, where a terminal or a mail has wrapped it: it is over when nothing follows. */
const PAUSE_MS = 200
const MOST_CHARACTERS = 100_000
const CTRL_C = '\x03'

export function createPasting(settings: PastingSettings): Pasting {
  const { input, tell, onCancel } = settings
  let target: { readonly state: string; readonly redirectUri: string } | undefined
  let text = ''
  let timer: NodeJS.Timeout | undefined
  let turn: NodeJS.Immediate | undefined

  function take(chunk: string): void {
    goOn()
    if (input.isTTY === true && chunk.includes(CTRL_C)) return onCancel()
    // What a key has taken back.
    for (const character of chunk) text = /[\b\x7f]/.test(character) ? text.slice(0, -1) : text + character
    text = text.slice(0, MOST_CHARACTERS)
    if (/[\r\n\x04]\s*$/.test(text)) timer = setTimeout(pause, PAUSE_MS)
  }

  /** Where the machine has stalled the time is up before the rest was read, which lies ready. */
  function pause(): void {
    turn = setImmediate(submit)
  }

  function goOn(): void {
    clearTimeout(timer)
    clearImmediate(turn)
  }

  function submit(): void {
    goOn()
    const pasted = text
    text = ''
    if (target === undefined || pasted.trim() === '') return
    deliver(pasted, target, settings).catch(() =>
      tell('nothing waits for this sign-in on this machine any more; start again'),
    )
  }

  return {
    open(address, redirectUri) {
      const state = new URL(address).searchParams.get('state') ?? ''
      if (target === undefined) {
        input.setEncoding('utf8')
        if (input.isTTY === true) input.setRawMode?.(true)
        input.on('data', take)
        input.on('end', submit)
        input.on('error', () => {})
      }
      target = { state, redirectUri }
    },
    close() {
      goOn()
      if (target === undefined) return
      target = undefined
      input.off('data', take)
      input.off('end', submit)
      if (input.isTTY === true) input.setRawMode?.(false)
      input.pause()
    },
  }
}

async function deliver(
  text: string,
  { state, redirectUri }: { readonly state: string; readonly redirectUri: string },
  { tell, log }: PastingSettings,
): Promise<void> {
  const pasted = readPasted(text)
  if (pasted.kind === 'unusable') return tell(`mcp-ferry: ${pasted.why}`)
  const { params } = pasted
  log.hide(params.get('code') ?? '')
  const status = await visit(redirectUri, params)
  // How a sign-in ends that is the right one is told by itself.
  if (!sameState(params.get('state') ?? '', state))
    tell('mcp-ferry: this is the address of another sign-in: open the one above, and paste where that ends')
  else if (status === 410) tell('mcp-ferry: this sign-in has been answered already')
}

/** Where the browser would have gone: of what was pasted only the query counts. */
function visit(redirectUri: string, params: URLSearchParams): Promise<number> {
  const url = new URL(redirectUri)
  url.search = params.toString()
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false }, (response) => {
      response.resume()
      response.on('error', reject)
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end()
  })
}
