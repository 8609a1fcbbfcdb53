// What `net.connect` and `tls.connect` are told beside the address. protocol.md 0.6.
import type { NetworkOptions } from '../../options/network.ts'
import { createTlsContext, type TlsContext } from '../../options/tls-context.ts'

export interface TlsDial {
  readonly secureContext?: TlsContext
  readonly rejectUnauthorized?: false
}

/** What is given for TLS, for `tls.connect`. */
export function dialOf({ tls }: NetworkOptions): TlsDial | undefined {
  if (tls === undefined) return undefined
  const { isInsecure, ...files } = tls
  return {
    ...(Object.keys(files).length > 0 && { secureContext: createTlsContext(files) }),
    ...(isInsecure && { rejectUnauthorized: false }),
  }
}
