// The URL in a variable that is named by --url-env or MCP_FERRY_URL_ENV. Pure. arguments.md 4.4. Deferred: few starts have it so.
import { usage } from '../errors.ts'
import type { Sourced } from './quantities.ts'
import { readVariable } from './references.ts'
import type { ReadUrl, UrlRequest } from './url.ts'
import { readUrl } from './url.ts'
import { isVariableName, trimEnds } from './variables.ts'

/**
 * `argument`: the URL that is given besides. Throws `unexpected-argument`, `env-syntax`, the other `env-…` errors, and what
 * readUrl throws.
 */
export function readNamedUrl(
  named: Sourced,
  argument: string | undefined,
  rest: Pick<UrlRequest, 'allowHttp' | 'environment'>,
): ReadUrl {
  if (argument !== undefined)
    throw usage(
      'unexpected-argument',
      'the URL is given twice, as an argument and by --url-env; remove one of them',
    )
  const name = trimEnds(named.text)
  if (!isVariableName(name))
    throw usage(
      'env-syntax',
      `${named.from} takes the name of an environment variable; write only its name and put the URL into that variable`,
    )
  const { environment } = rest
  const value = readVariable(name, 'required', { what: `the URL from ${named.from}`, environment })
  const from = `the variable ${name} (${named.from})`
  const read = readUrl({ text: value.text, from, isData: true, ...rest })
  return { ...read, warnings: [...value.warnings, ...read.warnings] }
}
