// One thing that a host and a remote can do together, whatever they are. See behaviours.ts for the list.
import assert from 'node:assert/strict'
import type { MatrixHost } from './host.ts'
import type { Remote } from './remote.ts'

export interface Behaviour {
  readonly name: string
  /** The host's SDK may complain: it does when what it was sent comes after the end of the request, or with it. */
  readonly mayErr?: true
  run(host: MatrixHost, remote: Remote): Promise<void>
}

/** What server-everything cannot do has a tool of its own on the others; it is known by having no witness. */
export const isEverything = (remote: Remote): boolean => remote.witness === undefined

export function includes(text: string, word: string): void {
  assert.ok(text.includes(word), `${JSON.stringify(word)} is missing in: ${text.slice(0, 1000)}`)
}

/** Calls a tool that must succeed, and returns its text. */
export async function said(
  host: MatrixHost,
  tool: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { text, isError } = await host.call(tool, args)
  assert.equal(isError, false, `${tool}: ${text}`)
  return text
}

/** What the host was asked. server-everything asks for roots whenever a session begins, which may be at any time. */
export function asked({ notes }: MatrixHost, remote: Remote): readonly string[] {
  return isEverything(remote) ? notes.asked.filter((what) => what !== 'roots') : notes.asked
}

/** Does it again and again until what is awaited has come. */
export async function repeatUntil(
  awaited: Promise<void>,
  again: (time: number) => Promise<unknown>,
): Promise<void> {
  let over = false
  const end = () => {
    over = true
  }
  awaited.then(end, end)
  for (let time = 1; !over; time++) await again(time)
  await awaited
}
