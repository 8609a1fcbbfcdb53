// The URLs that the sign-in flags give, each checked for what it is used for. What is wrong is an error of the command line; no
// sentence shows a value. protocol.md G.1 rows 15 and 25, arguments.md 4.4.
import type { FurtherFlag } from './flag-table.ts'
import { reachOf } from './plain-http.ts'
import type { Sourced } from './quantities.ts'
import { bad, type Reading } from './reading.ts'

/** An endpoint: https, or http on this machine. */
export function readEndpoint(reading: Reading, name: FurtherFlag): URL | undefined {
  const given = reading.text(name)
  if (given === undefined) return undefined
  const url = parse(given)
  const isLocal = url.protocol === 'http:' && reachOf(url.hostname) === 'loopback'
  if (url.protocol !== 'https:' && !isLocal)
    throw bad(
      `${given.from} does not begin with https://, and what is sent there could be read on the way`,
      'write an https:// URL',
    )
  if (url.hash !== '') throw bad(`${given.from} has a # in it`, 'write the URL without it and what follows')
  return url
}

/** The document that describes us: row 15. */
export function readMetadataUrl(reading: Reading): URL | undefined {
  const given = reading.text('--client-metadata-url')
  if (given === undefined) return undefined
  const url = parse(given)
  if (url.protocol !== 'https:' || url.pathname === '/' || url.hash !== '')
    throw bad(
      `${given.from} is no URL that can name a client`,
      'write https://host/path, without # and what follows it',
    )
  return url
}

/** A page for the person's browser. */
export function readPage(reading: Reading, name: FurtherFlag): URL | undefined {
  const given = reading.text(name)
  if (given === undefined) return undefined
  const url = parse(given)
  if (!/^https?:$/.test(url.protocol))
    throw bad(`${given.from} is no page of the web`, 'write a URL that begins with https://')
  return url
}

function parse({ text, from }: Sourced): URL {
  if (!URL.canParse(text) || /\s/.test(text))
    throw bad(`${from} is no whole URL`, 'write it as https://host/path')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw bad(`${from} has a user or a password in it`, 'write the URL without them')
  return url
}
