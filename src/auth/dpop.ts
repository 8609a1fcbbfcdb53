// Tokens that are bound to a key (DPoP): the key in the account, the library's handle for the authorization server, and the
// proof for each request to the remote. RFC 9449; protocol.md G.1 row 37.
import type { webcrypto } from 'node:crypto'
import * as oauth from 'oauth4webapi'

export type StoredKey = Readonly<Record<string, unknown>>

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }

/** A new key, as it is kept. */
export async function createKey(): Promise<StoredKey> {
  const { privateKey } = await oauth.generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', privateKey)
  return { kty, crv, x, y, d }
}

/** The handle by which the library proves it to the authorization server. */
export async function handleFor(key: StoredKey): Promise<oauth.DPoPHandle> {
  return oauth.DPoP({}, await keyPair(key))
}

async function keyPair(key: StoredKey): Promise<oauth.CryptoKeyPair> {
  const { d: _, ...open } = key as webcrypto.JsonWebKey
  return {
    privateKey: await crypto.subtle.importKey('jwk', key as webcrypto.JsonWebKey, ALGORITHM, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', open, ALGORITHM, true, ['verify']),
  }
}

interface Proven {
  readonly method: string
  readonly url: URL
  readonly token: string
  readonly nonce: string | undefined
}

/** Makes the proofs of one token for the remote: `DPoP` header values, each good for one request. */
export async function createProver(key: StoredKey): Promise<(proven: Proven) => Promise<string>> {
  const { privateKey } = await keyPair(key)
  const { kty, crv, x, y } = key
  const head = encode({ alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y } })
  return async ({ method, url, token, nonce }) => {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
    const body = encode({
      jti: oauth.generateRandomNonce(),
      htm: method,
      // Without query and fragment (RFC 9449 4.2).
      htu: `${url.origin}${url.pathname}`,
      iat: Math.floor(Date.now() / 1000),
      ath: Buffer.from(digest).toString('base64url'),
      ...(nonce !== undefined && { nonce }),
    })
    const signed = new TextEncoder().encode(`${head}.${body}`)
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, signed)
    return `${head}.${body}.${Buffer.from(signature).toString('base64url')}`
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
