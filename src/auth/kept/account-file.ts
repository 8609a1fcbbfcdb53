// Where the account of one server and profile lies. By itself, as each start asks whether that file is there, and loads
// what reads it only then. protocol.md G.1 row 33.
import { join } from 'node:path'
import { shortHash } from '../../paths.ts'

/**
 * The file of the account. Its name begins with the host, for people who look into the folder, and has neither dots nor
 * whatever else a file name may not have on Windows (`con.example` would be a device). The hash tells apart what differs
 * in more than that.
 */
export function accountFile(folder: string, url: URL, profile: string): string {
  const label = `${url.host}${profile && `-${profile}`}`.replace(/[^\w]+/g, '-').slice(0, 80)
  return join(folder, 'accounts', `${label}-${shortHash(`${url.href}#${profile}`)}.json`)
}
