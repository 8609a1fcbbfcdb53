// The cookies of the remote, beside those that the user gives. protocol.md 0.6, peers.md 1.11.
import type { Log } from '../log.ts'
import { type CookieJar, createCookieJar, mergeCookies } from './cookie-jar.ts'
import type { HttpResponse } from './http/http.ts'

export interface Cookies {
  /** Keeps what an answer from `url` sets. */
  take(url: URL, response: HttpResponse): void
  /** The headers with the cookies for `url`. */
  to(url: URL, headers: readonly string[]): readonly string[]
}

/** The cookies beside the user's own: load balancers recognise by one which of their servers holds a session. */
export function createCookies({ log }: { readonly log: Log }): Cookies {
  // Made at the first cookie, since most remotes set none.
  let jar: CookieJar | undefined
  return {
    take(url, response) {
      if (response.header('set-cookie') === undefined) return
      jar ??= createCookieJar(Date.now)
      for (const secret of jar.take(url, response.headers('set-cookie'))) log.hide(secret, true)
    },
    to(url, list) {
      const kept = jar?.header(url)
      if (kept === undefined) return list
      const at = list.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'cookie')
      if (at < 0) return list.concat('Cookie', kept)
      const cookie = mergeCookies(list[at + 1], kept) ?? kept
      return list.map((text, index) => (index === at + 1 ? cookie : text))
    },
  }
}
