// The list of tools, asked on our own account, page by page. protocol.md C.2.
import type { Envelope } from '../../message/envelope.ts'
import { own } from '../../message/message.ts'
import { find, readString } from '../../message/peek.ts'
import { editsOf, splice } from '../../message/rewrite.ts'
import { decode } from '../../message/utf8.ts'

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
  const meta = metaOf(request)
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
    cursor = readString(response.bytes, find(response.bytes, response.shape.result, 'nextCursor'))
    if (cursor === undefined) return
  }
}

function metaOf({ bytes, shape }: Envelope): string {
  const span = shape.params && find(bytes, shape.params, '_meta')
  if (span === undefined) return '{}'
  return decode(splice(bytes, editsOf(bytes, span, { progressToken: undefined }), span))
}
