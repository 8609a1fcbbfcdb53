// The user's private key, for clients that prove themselves by it (`private_key_jwt`): PEM or JWK. protocol.md G.1 row 35.
import { createPrivateKey, type webcrypto } from 'node:crypto'
import { BridgeError } from '../errors.ts'

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}
const HASHES: Readonly<Record<string, string>> = { '256': 'SHA-256', '384': 'SHA-384', '512': 'SHA-512' }

/** Rejects with `auth-failed`; the key is in no sentence. */
export async function readPrivateKey(
  text: string,
  algorithm: string | undefined,
): Promise<webcrypto.CryptoKey | { key: webcrypto.CryptoKey; kid: string }> {
  try {
    const jwk = text.trimStart().startsWith('{')
      ? (JSON.parse(text) as webcrypto.JsonWebKey & { kid?: unknown; alg?: string })
      : undefined
    const key = createPrivateKey(jwk === undefined ? text : { key: jwk as never, format: 'jwk' })
    const curve = key.asymmetricKeyDetails?.namedCurve
    const named = algorithm ?? jwk?.alg
    const chosen =
      named ??
      (key.asymmetricKeyType === 'ec'
        ? CURVES[curve ?? '']
        : key.asymmetricKeyType === 'ed25519'
          ? 'Ed25519'
          : 'RS256')
    if (chosen === undefined) throw new TypeError('no algorithm for this curve')
    const der = key.export({ type: 'pkcs8', format: 'der' })
    const imported = await crypto.subtle.importKey('pkcs8', der, parametersOf(chosen), false, ['sign'])
    return typeof jwk?.kid === 'string' ? { key: imported, kid: jwk.kid } : imported
  } catch (thrown) {
    throw new BridgeError(
      'auth-failed',
      'the private key cannot be used: it must be a PKCS#8 PEM or a JWK with an EC (P-256, P-384, P-521), RSA or Ed25519 key, without a passphrase',
      {},
      thrown,
    )
  }
}

function parametersOf(
  algorithm: string,
): webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | { name: string } {
  const hash = HASHES[algorithm.slice(2)]
  if (algorithm.startsWith('ES'))
    return { name: 'ECDSA', namedCurve: { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[algorithm] ?? '' }
  if (algorithm.startsWith('PS') && hash !== undefined) return { name: 'RSA-PSS', hash }
  if (algorithm.startsWith('RS') && hash !== undefined) return { name: 'RSASSA-PKCS1-v1_5', hash }
  return { name: 'Ed25519' }
}
