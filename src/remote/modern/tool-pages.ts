// The list of tools, asked on our own account, page by page. protocol.md C.2.
import { type Envelope, stringAt } from '../../message/envelope.ts'
import { own } from '../../message/message.ts'
import { requestMeta } from '../../message/rewrite.ts'

/** More than any server has; one that never ends its list must not keep the call for ever. */
const MOST_PAGES = 1000

interface Page {
  readonly request: Envelope
  readonly response: Envelope
}

/** Each page, asked in the name of `request`: with what it says of its host, but for the token of its progress. */
export async function* pagesOf(
  request: Envelope,
  ask: (request: Envelope) => Promise<{ readonly answer?: Envelope | undefined }>,
): AsyncGenerator<Page> {
  const meta = requestMeta(request) ?? '{}'
  let cursor: string | undefined
  for (let page = 1; page <= MOST_PAGES; page++) {
    const params =
      cursor === undefined ? `{"_meta":${meta}}` : `{"cursor":${JSON.stringify(cursor)},"_meta":${meta}}`
    const asked = own(
      `{"jsonrpc":"2.0","id":"mcp-ferry:tools:${page}","method":"tools/list","params":${params}}`,
    )
    const { answer: response } = await ask(asked)
    if (response?.shape.result === undefined) return
    yield { request: asked, response }
    cursor = stringAt(response, 'result', 'nextCursor')
    if (cursor === undefined) return
  }
}
