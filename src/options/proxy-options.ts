// Which proxy leads where: --proxy, --no-proxy, and the variables that programs have in common. Pure. protocol.md 0.6.
import type { NetworkOptions } from './network.ts'
import type { Reading } from './sign-in-texts.ts'

/** Throws BridgeError `usage`. */
export function readProxies(_reading: Reading, _url: URL): Pick<NetworkOptions, 'proxyFor'> {
  return {}
}
