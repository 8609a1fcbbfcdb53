// Which redirects are followed. Credentials go to the configured origin only, so that anything that leaves it is
// an error that names the target. protocol.md 0.6. Pure. Deferred.

type Redirect =
  | { readonly kind: 'follow'; readonly url: URL; readonly isPermanent: boolean }
  | { readonly kind: 'refuse'; readonly why: string }

/** What to do with a redirect that `method` on `from` was answered with. */
export function judgeRedirect(
  { method, from }: { readonly method: string; readonly from: URL },
  status: number,
  location: string | undefined,
): Redirect {
  const target = location === undefined ? undefined : parse(location, from)
  const refuse = (why: string): Redirect => ({ kind: 'refuse', why })
  if (target === undefined) return refuse('redirects without saying where to')
  const shown = `${target.origin}${target.pathname}`
  // What wants a browser to sign in sends it to a page, and no such status keeps a POST.
  const orPage = status <= 303 ? ', or give a credential if that is a page to sign in at' : ''
  // A server behind what ends TLS does not know that it is reached by it.
  if (from.protocol === 'https:' && target.protocol === 'http:' && target.hostname === from.hostname) {
    const isSamePath = target.pathname === from.pathname
    const instead = isSamePath
      ? 'tell who runs it'
      : `write ${from.origin}${target.pathname} if the server has it`
    return refuse(`redirects to ${shown}, which is not encrypted; ${instead}`)
  }
  const isSame = target.origin === from.origin
  const isUpgrade =
    from.protocol === 'http:' &&
    target.protocol === 'https:' &&
    target.hostname === from.hostname &&
    !from.port &&
    !target.port
  if (!isSame && !isUpgrade) return refuse(`redirects to ${shown}; use that URL if you trust it${orPage}`)
  // 301, 302 and 303 turn a POST into a GET in most clients, and a GET loses the message.
  const keepsMethod = status === 307 || status === 308 || method === 'GET'
  if (!keepsMethod && !(isUpgrade && status !== 303)) {
    return refuse(`answers ${method} with a redirect (HTTP ${status}) to ${shown}; use that URL${orPage}`)
  }
  target.username = ''
  target.password = ''
  return { kind: 'follow', url: target, isPermanent: status === 301 || status === 308 }
}

function parse(location: string, base: URL): URL | undefined {
  try {
    const url = new URL(location, base)
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
  } catch {
    return undefined
  }
}
