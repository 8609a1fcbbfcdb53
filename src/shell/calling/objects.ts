// The texts of `--args`: the JSON itself, a file, or what comes on stdin.
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { usage } from '../../errors.ts'
import type { Given } from './arguments.ts'

/** In their order. Rejects with BridgeError `usage`. */
export async function readObjects(values: readonly string[], stdin: Readable): Promise<Given['objects']> {
  const objects: { text: string; from: string }[] = []
  for (const value of values) {
    if (value === '-') objects.push({ text: decoded(await everything(stdin)), from: 'what comes on stdin' })
    else if (value.startsWith('@'))
      objects.push({ text: await contents(value.slice(1)), from: 'the file of --args' })
    else objects.push({ text: value, from: '--args' })
  }
  return objects
}

async function contents(path: string): Promise<string> {
  try {
    return decoded(await readFile(path))
  } catch (thrown) {
    const code = (thrown as { code?: string }).code ?? 'unknown error'
    throw usage('args', `the file of --args cannot be read (${code}); write --args @ and its path`)
  }
}

async function everything(input: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of input) chunks.push(Buffer.from(chunk as Buffer | string))
  return Buffer.concat(chunks)
}

/** PowerShell writes UTF-16 and a mark in front of it. */
function decoded(bytes: Buffer): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe
  return bytes.toString(isWide ? 'utf16le' : 'utf8').replace(/^\ufeff/, '')
}
