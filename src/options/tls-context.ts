// What TLS connections are made with, of one's own certificates and of those that are trusted besides Node's. protocol.md 0.6.
import type { TlsOptions } from './network.ts'

/** Loaded where something of it is needed alone: for most starts TLS is not. */
const tls = () => process.getBuiltinModule('node:tls')

export type TlsContext = ReturnType<ReturnType<typeof tls>['createSecureContext']>

/** Throws what OpenSSL does. */
export function createTlsContext({ ca = [], cert, key, pfx, passphrase }: TlsOptions): TlsContext {
  const context = tls().createSecureContext({
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(pfx !== undefined && { pfx: Buffer.from(pfx) }),
    ...(passphrase !== undefined && { passphrase }),
  })
  trust(context, ca)
  return context
}

/** Adds to what the context trusts; its option `ca` would take the place of all that Node trusts, NODE_EXTRA_CA_CERTS too. */
export function trust(context: TlsContext, certificates: readonly string[]): void {
  const inner = context.context as { addCACert(pem: string): void }
  for (const pem of certificates) inner.addCACert(pem)
}
