// The step that looks at proxies: which one the variables name for this host, and that the bridge does not use it yet. Pure.
// users.md 1 row 11.
import { reachOf } from '../../options/plain-http.ts'
import { type Environment, lookUp } from '../../options/variables.ts'
import type { Finding } from './step.ts'

const PROXY_NAMES = [
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'all_proxy',
  'no_proxy',
]

export interface ProxyFinding extends Finding {
  /** The variable that names one, which is not used; what is to be said if there is no way without. */
  readonly unused?: string
}

export function lookAtProxy(environment: Environment, url: URL): ProxyFinding {
  const set = PROXY_NAMES.filter((name) => (lookUp(name, environment) ?? '') !== '')
  const names = [url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'ALL_PROXY']
  const either = (name: string): string | undefined =>
    [name.toLowerCase(), name].find((one) => (lookUp(one, environment) ?? '') !== '')
  const proxy = names.map(either).find((name) => name !== undefined)
  const except = lookUp('no_proxy', environment) || lookUp('NO_PROXY', environment) || ''
  const facts = { set, proxy: proxy ?? null }
  if (proxy === undefined) return { state: 'ok', sees: 'no variable names one for this URL', facts }
  if (reachOf(url.hostname) === 'loopback')
    return { state: 'ok', sees: `${proxy} names one, which is not for this machine itself`, facts }
  if (isExcepted(url, except))
    return { state: 'ok', sees: `${proxy} names one, which NO_PROXY excepts ${url.host} from`, facts }
  return {
    state: 'warn',
    sees: `${proxy} names ${placeOf(lookUp(proxy, environment) ?? '')}, which mcp-ferry does not use yet: it connects directly`,
    advice:
      'if programs get out of here by the proxy alone, it cannot work; see whether the connection comes about',
    facts,
    unused: proxy,
  }
}

/** Without the user in it. */
function placeOf(text: string): string {
  const address =
    /^(?:[a-z][a-z\d+.-]*:\/\/)?(?:[^\s/]*@)?([\w.-]{1,100}|\[[\da-f:.]+\])(:\d{1,5})?(?:[/?#]|$)/i.exec(text)
  return address === null ? 'a proxy' : `the proxy ${address[1]}${address[2] ?? ''}`
}

/** Whether NO_PROXY names this host. */
export function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const number = port || (protocol === 'https:' ? '443' : '80')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const [, name = entry, only] = /^(.*?[^:]):(\d+)$/.exec(entry) ?? []
      if (name === '*') return true
      const bare = name.replace(/^\*?\./, '').replace(/^\[|\]$/g, '')
      if (bare === '' || (only !== undefined && only !== number)) return false
      return host === bare || host.endsWith(`.${bare}`)
    })
}
