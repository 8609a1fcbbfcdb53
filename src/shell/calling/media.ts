// Images, sounds and other bytes in a result: drawn where the terminal can, or saved to a file that was not there before.
// What kind of file it is comes from a table of ours: a server does not choose how something is called that a person opens.
import { stat, writeFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { usage } from '../../errors.ts'

export interface SaverSettings {
  /** --output. */
  readonly output: string | undefined
  /** The file is named for it. */
  readonly tool: string
  readonly cwd: string
}

export interface Saver {
  /** The path. Rejects with BridgeError `usage`. */
  save(bytes: Uint8Array, mimeType: string): Promise<string>
}

const ENDINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'image/png': 'png',
    'image/jpeg': 'jpg',
    'image/jpg': 'jpg',
    'image/gif': 'gif',
    'image/webp': 'webp',
    'image/avif': 'avif',
    'image/bmp': 'bmp',
    'image/tiff': 'tiff',
    'image/svg+xml': 'svg',
    'audio/wav': 'wav',
    'audio/x-wav': 'wav',
    'audio/wave': 'wav',
    'audio/mpeg': 'mp3',
    'audio/mp3': 'mp3',
    'audio/ogg': 'ogg',
    'audio/flac': 'flac',
    'audio/mp4': 'm4a',
    'audio/aac': 'aac',
    'audio/webm': 'weba',
    'video/mp4': 'mp4',
    'video/webm': 'webm',
    'application/pdf': 'pdf',
    'application/zip': 'zip',
    'application/gzip': 'gz',
    'application/json': 'json',
    'text/plain': 'txt',
    'text/markdown': 'md',
    'text/csv': 'csv',
    'text/html': 'html',
  }),
)
const MOST_TRIES = 10_000

export function createSaver({ output, tool, cwd }: SaverSettings): Saver {
  const name =
    tool
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 60) || 'result'
  let number = 0
  let isFileTaken = false

  async function save(bytes: Uint8Array, mimeType: string): Promise<string> {
    const ending = ENDINGS.get(mimeType.split(';', 1)[0]!.trim().toLowerCase()) ?? 'bin'
    const isFolder = output === undefined || (await isDirectory(output))
    if (isFolder) return saveNew((n) => join(output ?? '', `${name}-${n}.${ending}`), bytes)
    if (!isFileTaken) {
      isFileTaken = true
      await write(output, bytes, 'w')
      number = 1
      return output
    }
    const { dir, name: stem } = parse(output)
    return saveNew((n) => join(dir, `${stem}-${n}.${ending}`), bytes)
  }

  async function saveNew(nameOf: (n: number) => string, bytes: Uint8Array): Promise<string> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const path = nameOf(++number)
      if (await write(path, bytes, 'wx')) return path
    }
    throw usage('output', 'there are too many files of that name; name another folder by --output')
  }

  /** False: there is such a file. */
  async function write(path: string, bytes: Uint8Array, flag: 'w' | 'wx'): Promise<boolean> {
    try {
      await writeFile(join(isAbsolute(path) ? '' : cwd, path), bytes, { flag })
      return true
    } catch (thrown) {
      const code = (thrown as { code?: string }).code ?? 'unknown error'
      if (code === 'EEXIST') return false
      throw usage('output', `${path} cannot be written (${code}); name another file or folder by --output`)
    }
  }

  const isAbsolute = (path: string): boolean => parse(path).root !== ''

  async function isDirectory(path: string): Promise<boolean> {
    if (/[\\/]$/.test(path)) return true
    return stat(join(isAbsolute(path) ? '' : cwd, path)).then(
      (found) => found.isDirectory(),
      () => false,
    )
  }

  return { save }
}

type Environment = Readonly<Record<string, string | undefined>>

/** What a kitty takes in one piece. */
const CHUNK = 4096

/** What draws the image, or undefined where the terminal cannot. Only what is base64 is written into the sequence. */
export function drawing(base64: string, mimeType: string, env: Environment): string | undefined {
  if (/^(?:screen|tmux|dumb)/.test(env.TERM ?? '') || env.TMUX || !/^[A-Za-z0-9+/=]+$/.test(base64))
    return undefined
  const isKitty = /kitty|ghostty/.test(env.TERM ?? '') || env.KITTY_WINDOW_ID !== undefined
  if (isKitty) return mimeType === 'image/png' ? kitty(base64) : undefined
  const isTerm = /^(?:iTerm\.app|WezTerm)$/.test(env.TERM_PROGRAM ?? '') || env.LC_TERMINAL === 'iTerm2'
  if (!isTerm || !/^image\/(?:png|jpe?g|gif|webp)$/.test(mimeType)) return undefined
  return `\x1b]1337;File=inline=1;size=${Buffer.byteLength(base64, 'base64')}:${base64}\x07\n`
}

function kitty(base64: string): string {
  const parts: string[] = []
  for (let at = 0; at < base64.length; at += CHUNK) {
    const first = at === 0 ? 'a=T,f=100,' : ''
    const hasMore = at + CHUNK < base64.length ? 1 : 0
    parts.push(`\x1b_G${first}m=${hasMore};${base64.slice(at, at + CHUNK)}\x1b\\`)
  }
  return `${parts.join('')}\n`
}
