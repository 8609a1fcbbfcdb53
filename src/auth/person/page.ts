// What the browser shows at the end of a sign-in. Pure: fixed texts, and in them nothing but the name of the server, which
// is from our own URL; nothing of the request comes back. protocol.md G.5.
import { createHash } from 'node:crypto'

/** How a sign-in ended; `refused`: the person, or the authorization server, has said no. */
export type Outcome = 'signed-in' | 'failed' | 'refused'

/** What is said to whoever has the right `state`. */
export type Told = Outcome | 'working' | 'answered'

/** Why a request is none that the sign-in waits for. */
export type Stray = 'early' | 'method' | 'path' | 'host' | 'state' | 'repeated'

/** Which sign-in it is. */
export interface Shown {
  /** The server's name as the person knows it. */
  readonly server: string
  /** What to run to sign in again. */
  readonly login?: string
  /** Where the browser goes instead of being shown that it has worked. */
  readonly successUrl?: URL
}

export interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Words {
  readonly status: number
  readonly mark: string
  readonly title: string
  /** HTML. */
  readonly text: string
}

const STYLE = `:root{color-scheme:light dark;--ink:#1c2024;--paper:#fcfcfd;--faint:#60646c;--line:#e0e1e6;--code:#f0f0f3}
@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--paper:#111113;--faint:#b0b4ba;--line:#2e3135;--code:#212225}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{box-sizing:border-box;width:min(32rem,100%);padding:2rem}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
p{margin:0 0 .75rem}
code{padding:.1em .35em;border-radius:.25em;background:var(--code);font-size:.9em;overflow-wrap:anywhere}
footer{margin-top:1.5rem;padding-top:.75rem;border-top:1px solid var(--line);color:var(--faint);font-size:.875rem}`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** For every answer: it is kept nowhere, shown in no frame, told to no other page, and runs nothing. */
const HEADERS = Object.freeze({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  Connection: 'close',
})

const CLOSE = 'You can close this tab and go back to your editor.'

const STRAYS: Readonly<Record<Stray, readonly [status: number, text: string]>> = {
  early: [503, 'No sign-in is under way here yet.'],
  method: [405, 'Only GET is answered here.'],
  path: [404, 'Nothing is here.'],
  host: [400, 'This address is not known by that name.'],
  state: [400, ''],
  repeated: [400, 'A parameter comes more than once. Nothing has changed.'],
}

/** The answer to the request that ends the sign-in. Only one that has worked goes on to `successUrl`. */
export function tellingPage(told: Told, shown: Shown): Page {
  if (told === 'signed-in' && shown.successUrl !== undefined)
    return { status: 303, headers: { ...HEADERS, Location: shown.successUrl.href }, body: '' }
  return html(wordsOf(told, shown))
}

/** The answer to any other request. It does not say which server is signed in to: anything may be asking. */
export function strayPage(stray: Stray): Page {
  // This one a person may come to see, in a tab that was left open.
  if (stray === 'state')
    return html({
      status: 400,
      mark: '?',
      title: 'This is not the sign-in that is under way',
      text: 'Nothing has changed. The tab may be of an earlier sign-in: finish in the newest one, or start again from your editor.',
    })
  const [status, text] = STRAYS[stray]
  const headers = { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }
  return {
    status,
    headers: stray === 'method' ? { ...headers, Allow: 'GET' } : headers,
    body: `${text}\n`,
  }
}

function wordsOf(told: Told, { server, login = 'mcp-ferry login <url>' }: Shown): Words {
  const name = escapeHtml(server)
  const again = `See the log of your editor for the reason, or run <code>${escapeHtml(login)}</code> to sign in again.`
  switch (told) {
    case 'signed-in':
      return { status: 200, mark: '✓', title: `Signed in to ${name}`, text: CLOSE }
    case 'failed':
      return {
        status: 400,
        mark: '✗',
        title: `Not signed in to ${name}`,
        text: `It has not worked. ${again}`,
      }
    case 'refused':
      return {
        status: 403,
        mark: '✗',
        title: `Not signed in to ${name}`,
        text: `Access was not granted. Nothing will ask you again by itself. ${again}`,
      }
    case 'working':
      return {
        status: 202,
        mark: '…',
        title: `Signing in to ${name}`,
        text: `This takes longer than usual. ${CLOSE} It will tell how it ends.`,
      }
    case 'answered':
      return {
        status: 410,
        mark: 'ℹ',
        title: `This sign-in to ${name} has been answered already`,
        text: `Nothing has changed. ${CLOSE}`,
      }
  }
}

function html({ status, mark, title, text }: Words): Page {
  return {
    status,
    headers: { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1><span aria-hidden="true">${mark}</span> ${title}</h1>
<p>${text}</p>
<footer>mcp-ferry</footer>
</main>
</body>
</html>
`,
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}
