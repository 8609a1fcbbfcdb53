// The arguments as they arrived, one line each, so that a person sees what the editor made of them; of what may be secret
// only the kind and the length. Pure. arguments.md 2.
import { COMMANDS } from '../../options/command-names.ts'
import { findFlag } from '../../options/flags.ts'
import { looksLikeSecret } from '../../options/variables.ts'

/** `3  Authorization: Bearer … (40 characters)`: numbered as sentences about arguments number them. */
export function showArguments(argv: readonly string[]): string[] {
  const width = String(argv.length).length
  let before: Before = { kind: 'nothing' }
  return argv.map((text, index) => {
    const shown = show(text, before)
    before = afterwards(text, before)
    return `${String(index + 1).padStart(width)}  ${shown}`
  })
}

/** What an argument may be a part of. */
type Before =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'header' }
  | { readonly kind: 'flag'; readonly name: string }

function afterwards(text: string, before: Before): Before {
  if (isHeaderFlag(text)) return { kind: 'header' }
  if (text.startsWith('--') || findFlag(text) !== undefined)
    return takesNext(text) ? { kind: 'flag', name: text } : { kind: 'nothing' }
  // A header in pieces goes on until the next option.
  return before.kind === 'header' ? before : { kind: 'nothing' }
}

function isHeaderFlag(text: string): boolean {
  return text === '--header' || text.startsWith('--header=') || text.startsWith('-H')
}

function takesNext(text: string): boolean {
  const flag = findFlag(text)
  return !text.includes('=') && text !== '--' && (flag === undefined || flag.kind !== 'switch')
}

function show(text: string, before: Before): string {
  if (text === '') return '(empty)'
  const [, flag, equals, value = ''] = /^(--?[A-Za-z][A-Za-z-]{0,40})(?:(=)([\s\S]*))?$/.exec(text) ?? []
  if (flag !== undefined && (equals !== undefined || findFlag(flag) !== undefined || flag.startsWith('--')))
    return equals === undefined ? flag : `${flag}=${showValue(value, flag)}`
  const attached = /^-H(.+)$/s.exec(text)?.[1]
  if (attached !== undefined) return `-H${showPiece(attached)}`
  if (isUrl(text)) return showUrl(text)
  if (before.kind === 'header') return showPiece(text)
  if (before.kind === 'flag') return showValue(text, before.name)
  if (/^\d{1,5}$/.test(text) || COMMANDS.some((name) => name === text)) return text
  return reference(text) ?? hidden(text)
}

/** Flags whose value is the name of a variable, or has one behind a `=`. */
const NAMES_VARIABLE = /-env$/
const PLAIN_KINDS: ReadonlySet<string> = new Set(['duration', 'size', 'count', 'level', 'choice'])

function showValue(value: string, name: string): string {
  const kind = findFlag(name)?.kind
  if (kind === 'header') return showPiece(value)
  if (isUrl(value)) return showUrl(value)
  if (NAMES_VARIABLE.test(name))
    return value
      .split(/([=:, ])/)
      .map(showName)
      .join('')
  if (kind === 'path') return showPath(value)
  if (kind !== undefined && PLAIN_KINDS.has(kind) && /^[\w.+:-]{1,20}$/.test(value)) return value
  return reference(value) ?? hidden(value)
}

function showName(word: string): string {
  if (word.length <= 1) return word
  return /^[\w-]{1,64}$/.test(word) && !looksLikeSecret(word) ? word : hidden(word)
}

/** A path has no secret in it, but what somebody may have written in its place. */
function showPath(value: string): string {
  return /[\\/.~]/.test(value) && !/[\s:=]./.test(value.replace(/^[A-Za-z]:/, '')) ? value : hidden(value)
}

const SCHEME = /^(bearer|basic|digest|token|api-?key|dpop)(?=\s|$)/i

/** A header or a piece of one. Quotes are shown: that they are there is what is of interest. */
function showPiece(text: string): string {
  const [, open = '', inner = '', close = ''] = /^(\\?["']?)([\s\S]*?)(\\?["']?)$/.exec(text) ?? []
  const [, name, separator = '', rest = ''] =
    /^([!#&*+\-.^_|~A-Za-z0-9]{1,64})(\s*[:=]\s*)([\s\S]*)$/.exec(inner) ?? []
  if (name !== undefined && !looksLikeSecret(name))
    return `${open}${name}${separator}${showCredential(rest)}${close}`
  return `${open}${showCredential(inner)}${close}`
}

function showCredential(text: string): string {
  if (text === '') return ''
  const scheme = SCHEME.exec(text)?.[0]
  if (scheme === undefined) return reference(text) ?? hidden(text)
  const rest = text.slice(scheme.length)
  const blank = /^\s*/.exec(rest)?.[0] ?? ''
  const credential = rest.slice(blank.length)
  return credential === '' ? text : `${scheme}${blank}${reference(credential) ?? hidden(credential)}`
}

/** `${VAR}` and the like, which nobody has filled in yet; a default may be the secret itself. */
function reference(text: string): string | undefined {
  const [, dollar, env = '', name = '', fallback] =
    /^(\$\{)(env:|input:)?([A-Za-z_]\w*)(:-[^}]*)?\}$/.exec(text) ?? []
  if (dollar === undefined)
    return /^(\$\w{1,40}|%\w{1,40}%)$/.test(text) && !looksLikeSecret(text.replace(/\W/g, ''))
      ? text
      : undefined
  return looksLikeSecret(name) ? undefined : `\${${env}${name}${fallback === undefined ? '' : ':-…'}}`
}

function isUrl(text: string): boolean {
  return /^\s*(?:\\?["']|<)?https?:\/\//i.test(text)
}

/** Without what may be secret in it: userinfo, the query and the fragment. */
function showUrl(text: string): string {
  const [, before = '', scheme = '', authority = '', path = '', rest = ''] =
    /^(\s*(?:\\?["']|<)?)(https?:\/\/)([^/?#]*)([^?#]*)([\s\S]*)$/i.exec(text) ?? []
  const at = authority.lastIndexOf('@')
  const host = at < 0 ? authority : `…@${authority.slice(at + 1)}`
  return `${before}${scheme}${host}${path}${rest === '' ? '' : `${rest[0]}… (${rest.length} characters)`}`
}

function hidden(text: string): string {
  return `… (${text.length} character${text.length === 1 ? '' : 's'})`
}
