// Addresses of one family alone: --ipv4, --ipv6. protocol.md 0.6.
import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { BridgeError } from '../../errors.ts'

/**
 * The addresses of this family alone. Not by the option `family`: with that Node looks at the first address and at no other.
 */
export function ofFamily(
  family: 4 | 6,
  lookup: LookupFunction = systemLookup as LookupFunction,
): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, family: 0, all: true }, (error, found) => {
      if (error !== null || !Array.isArray(found)) return callback(error, found)
      const fine = found.filter((each) => each.family === family)
      if (fine.length === 0) return callback(noSuch(host, family), '')
      if (options.all) callback(null, fine)
      else callback(null, fine[0]!.address, family)
    })
  }
}

/** An address in the URL is not looked up. */
export function otherFamily(hostname: string, family: 4 | 6): BridgeError | undefined {
  const kind = isIP(hostname.replace(/^\[|\]$/g, ''))
  return kind === 0 || kind === family ? undefined : noSuch(hostname, family)
}

export function noSuch(host: string, family: 4 | 6): BridgeError {
  const text = `${host} has no IPv${family} address, and --ipv${family} allows no other; remove --ipv${family}`
  return new BridgeError('dns', text, { maybeDelivered: false, retryable: false })
}
