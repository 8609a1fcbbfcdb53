// Accounts in the system's keychain. Its tools take only some thousand characters at a time (`security` 4,096 a line,
// `secret-tool` 8,191), which the tokens of some servers are over: a text goes there in pieces, under a number of its own,
// so that a change is made at once, by the file that holds the number. On Windows the file holds what DPAPI has made of
// the account. protocol.md G.1 row 33.
import { randomBytes } from 'node:crypto'
import {
  type Entry,
  type KeychainSettings,
  protect,
  readEntry,
  removeEntry,
  unprotect,
  writeEntry,
} from './keychain.ts'
import type { Vault } from './vault.ts'

const SERVICE = 'mcp-ferry'
const PIECE_CHARACTERS = 2048
const MOST_PIECES = 512
const PROTECTED = 'dpapi '

export function createKeychainVault(settings: KeychainSettings): Vault {
  return settings.platform === 'win32' ? protectedVault(settings) : entriesVault(settings)
}

function protectedVault(settings: KeychainSettings): Vault {
  return {
    async seal(_name, text) {
      return PROTECTED + (await protect(text, settings))
    },
    async open(_name, note) {
      return note.startsWith(PROTECTED) ? unprotect(note.slice(PROTECTED.length), settings) : undefined
    },
    async drop() {},
  }
}

/** The note: how many pieces, and the number that their names have in them. */
function entriesVault(settings: KeychainSettings): Vault {
  const remove = async (name: string, { pieces, number }: Note): Promise<void> => {
    for (let piece = 0; piece < pieces; piece++) await removeEntry(entryOf(name, number, piece), settings)
  }
  return {
    async seal(name, text) {
      const encoded = Buffer.from(text).toString('base64url')
      const pieces = Math.ceil(encoded.length / PIECE_CHARACTERS)
      const number = randomBytes(4).toString('hex')
      try {
        for (let piece = 0; piece < pieces; piece++) {
          const value = encoded.slice(piece * PIECE_CHARACTERS, (piece + 1) * PIECE_CHARACTERS)
          await writeEntry(entryOf(name, number, piece), value, settings)
        }
      } catch (thrown) {
        await remove(name, { pieces, number }).catch(() => {})
        throw thrown
      }
      return `${pieces} ${number}`
    },
    async open(name, note) {
      const known = readNote(note)
      if (known === undefined) return undefined
      let encoded = ''
      for (let piece = 0; piece < known.pieces; piece++) {
        const value = await readEntry(entryOf(name, known.number, piece), settings)
        if (value === undefined) return undefined
        encoded += value
      }
      return Buffer.from(encoded, 'base64url').toString()
    },
    async drop(name, note) {
      const known = readNote(note)
      if (known !== undefined) await remove(name, known)
    },
  }
}

interface Note {
  readonly pieces: number
  readonly number: string
}

function readNote(note: string): Note | undefined {
  const [, pieces, number] = /^([1-9]\d{0,2}) ([0-9a-f]{8})$/.exec(note) ?? []
  if (pieces === undefined || number === undefined || Number(pieces) > MOST_PIECES) return undefined
  return { pieces: Number(pieces), number }
}

function entryOf(name: string, number: string, piece: number): Entry {
  return { service: SERVICE, account: `${name}-${number}-${piece}` }
}
