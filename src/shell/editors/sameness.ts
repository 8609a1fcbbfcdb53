// Whether an entry says to the bridge what the command line has said: both are read by the bridge, and compared. What
// differs is a defect of ours, and such an entry is never written.
import type { Options } from '../../options/options.ts'
import type { ChangingOptions } from '../../options/sign-in.ts'

interface Read {
  readonly options: Options
  readonly changing: ChangingOptions | undefined
}

/** `whole`: makes a path absolute. Throws TypeError, which names what differs and shows no value. */
export function checkSame(meant: Read, made: Read, whole: (path: string) => string): void {
  const before = told(meant, whole)
  const after = told(made, whole)
  for (const name of Object.keys(before) as (keyof typeof before)[])
    if (JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      throw new TypeError(`an entry for this command line would not say the same: ${name} differs`)
}

function told({ options, changing }: Read, whole: (path: string) => string) {
  const { url, headers, signIn, transport, remoteEra, declinesModern, keepsCookies, plainHttp, limits, log } =
    options
  const { network } = options
  return {
    url: url.href,
    headers: headers.map(({ name, value }) => [name.toLowerCase(), value] as const).sort(byName),
    signIn: plain(signIn, whole),
    network: network && plain(network, whole),
    transport,
    remoteEra,
    declinesModern,
    keepsCookies,
    plainHttp,
    limits,
    log: [log.level, log.json, log.file === undefined ? '' : whole(log.file)],
    changing: changing?.headers.length
      ? [changing.ttlMs, changing.headers.map((header) => JSON.stringify(header)).sort()]
      : undefined,
  }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What a file is called in sentences depends on how its path is written. */
function plain(value: unknown, whole: (path: string) => string): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => {
      if (key === 'name') return undefined
      if (key === 'path' && typeof inner === 'string') return whole(inner)
      const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      return isObject ? Object.fromEntries(Object.entries(inner).sort(byName)) : inner
    }),
  )
}
