// Compressed bodies. We ask for `identity`; what comes compressed all the same is read as it comes, each flush at once.
// protocol.md 0.6.
import type { Transform } from 'node:stream'
import { BridgeError } from '../../errors.ts'

/** What servers write that compress nothing. */
const NO_CODINGS: ReadonlySet<string> = new Set(['', 'identity', 'none', 'utf-8', 'utf8', 'aws-chunked'])

/** What undoes this `Content-Encoding`; undefined if there is nothing to undo. Throws BridgeError `content`. */
export function createDecoder(contentEncoding: string | undefined, url: string): Transform | undefined {
  if (contentEncoding === undefined) return undefined
  const codings = contentEncoding.split(',').map((coding) => coding.trim().toLowerCase())
  const [coding, another] = codings.filter((name) => !NO_CODINGS.has(name))
  if (coding === undefined) return undefined
  const zlib = process.getBuiltinModule('node:zlib')
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants
  if (another === undefined)
    switch (coding) {
      case 'gzip':
      case 'x-gzip':
        return zlib.createGunzip({ flush: Z_SYNC_FLUSH })
      case 'deflate':
        return zlib.createInflate({ flush: Z_SYNC_FLUSH })
      case 'br':
        return zlib.createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH })
    }
  throw undecodable(url, `its Content-Encoding is ${contentEncoding.slice(0, 40)}`)
}

/** The error for a body that was read, but not understood. */
export function undecodable(url: string, why: string): BridgeError {
  const text = `${url} answered with a body that cannot be decompressed: ${why}`
  return new BridgeError('content', text, { url, maybeDelivered: true, retryable: false })
}
