// `read`: a resource to stdout as it is, or into a file. Bytes go to no terminal.
import { writeFile } from 'node:fs/promises'
import { BridgeError, usage } from '../../errors.ts'
import { nameFile } from '../../options/file-name.ts'
import { printable, textOf } from '../foreign-text.ts'
import { resultAbout } from '../listing.ts'
import { OUTCOME } from '../outcome.ts'
import { elementsOf, fieldsOf, memberOf, rawOf } from '../raw-json.ts'
import type { Conversation } from './session.ts'

export interface ReadSettings {
  readonly uri: string
  readonly isJson: boolean
  /** `-`: stdout, whatever that is. */
  readonly file: string | undefined
}

interface Content {
  readonly uri: string
  readonly type: string
  /** A text of the remote's, or the bytes of what is none. */
  readonly data: string | Buffer
}

export async function readResource(
  { client, screen, note }: Conversation,
  { uri, isJson, file }: ReadSettings,
): Promise<number> {
  const method = 'resources/read'
  const result = resultAbout('resources', method, await client.ask(method, JSON.stringify({ uri })).reply)
  const isToFile = file !== undefined && file !== '-'
  if (isJson) {
    if (isToFile) await save(file, `${result}\n`)
    else await screen.json(result)
    return OUTCOME.ok
  }
  const contents = contentsOf(result)
  if (contents.length === 0) note('the resource has no contents')
  if (isToFile) {
    await save(
      file,
      Buffer.concat(contents.map(({ data }) => (typeof data === 'string' ? Buffer.from(data) : data))),
    )
    return OUTCOME.ok
  }
  for (const { data, type, uri: its } of contents) {
    if (typeof data === 'string') await (file === '-' ? screen.write(data) : screen.text(data))
    else if (!screen.isTerminal || file === '-') await screen.write(data)
    else
      note(
        `${printable(its)} is ${data.length} bytes of ${printable(type) || 'no text'}, which are not shown in a terminal; write --output <file>, or --output - to have them here`,
      )
  }
  return OUTCOME.ok
}

function contentsOf(result: string): Content[] {
  const list = memberOf(rawOf(result), 'contents')
  const contents = list && elementsOf(list)
  if (contents === undefined)
    throw new BridgeError('protocol', "the server's answer to resources/read has no contents in it")
  return contents.map(fieldsOf).map(({ uri, mimeType, text, blob }) => {
    const known = { uri: textOf(uri), type: typeof mimeType === 'string' ? mimeType : '' }
    if (typeof text === 'string') return { ...known, data: text }
    if (typeof blob === 'string') return { ...known, data: Buffer.from(blob, 'base64') }
    throw new BridgeError('protocol', 'the server has sent contents that are neither text nor blob')
  })
}

async function save(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, data)
  } catch (thrown) {
    const code = (thrown as { code?: string }).code ?? 'unknown error'
    throw usage(
      'output-file',
      `${nameFile('the file of --output', file)} cannot be written (${code}); write another path`,
    )
  }
}
