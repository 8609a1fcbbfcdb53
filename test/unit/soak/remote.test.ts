// The soak's remote: what it tells reaches every session, whichever has come last.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Remote, startRemote } from '../../../scripts/soak/remote.ts'

const SESSION = 'mcp-session-id'

/** A session, and the text that comes on its stream. */
async function openSession({ url }: Remote): Promise<{ session: string; text: ReadableStream<string> }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} })
  const opened = await fetch(url, { method: 'POST', body })
  const session = opened.headers.get(SESSION) ?? ''
  const stream = await fetch(url, { headers: { [SESSION]: session, accept: 'text/event-stream' } })
  return { session, text: stream.body!.pipeThrough(new TextDecoderStream()) }
}

test('a session that comes and goes leaves the one before its stream', async (t) => {
  const remote = await startRemote()
  t.after(() => remote.close())
  const first = await openSession(remote)
  const second = await openSession(remote)
  await fetch(remote.url, { method: 'DELETE', headers: { [SESSION]: second.session } })
  remote.notify('notifications/tools/list_changed')
  let came = ''
  for await (const piece of first.text) {
    came += piece
    if (came.includes('list_changed')) break
  }
  assert.match(came, /list_changed/)
  const body = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' })
  const listed = await fetch(remote.url, { method: 'POST', body, headers: { [SESSION]: first.session } })
  assert.equal(listed.status, 200)
})
