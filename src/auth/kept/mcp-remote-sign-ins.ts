// Sign-ins that mcp-remote has left on this machine, to be taken over where the user asks for that. They are only read.
// Its files are named by an MD5 of the URL as it was typed, and of some flags if they were given. peers.md 1.4.
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isToken, type KnownClient, type Tokens } from './account.ts'

export interface McpRemoteSettings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The home folder of the user. */
  readonly home: string
  readonly url: URL
  /** The URL as the user has written it, where that is known: it is what was hashed. */
  readonly written?: string
  /** --resource */
  readonly resource?: string
  /** --authorize-param, in any order. */
  readonly authorizeParams?: readonly (readonly [name: string, value: string])[]
  readonly clientMetadataUrl?: string
  readonly tokenEndpoint?: string
}

export interface McpRemoteSignIn {
  readonly tokens: Tokens
  /** Absent if the user had given it to mcp-remote. */
  readonly client?: KnownClient
  /** Who has issued both; absent where that version did not write it down: it has to be discovered. */
  readonly issuer?: string
  /** For sentences. */
  readonly file: string
}

const LIMIT_BYTES = 1024 * 1024

/** What is there for this URL, the newest first. Never rejects: what cannot be read is not there. */
export async function findMcpRemoteSignIns(settings: McpRemoteSettings): Promise<readonly McpRemoteSignIn[]> {
  const root = settings.env.MCP_REMOTE_CONFIG_DIR || join(settings.home, '.mcp-auth')
  const versions = await readdir(root).catch(() => [])
  const found: McpRemoteSignIn[] = []
  for (const version of versions.filter((name) => /^mcp-remote-/.test(name))) {
    for (const [hash, resource] of hashes(settings)) {
      const one = await readSignIn(join(root, version, hash), resource)
      if (one !== undefined) found.push(one)
    }
  }
  return found.sort((a, b) => b.tokens.obtainedAt - a.tokens.obtainedAt)
}

/**
 * With the flags, and without them: the user may have added them since. To each the resource that its tokens were asked
 * for with, if a flag said so.
 */
function hashes(settings: McpRemoteSettings): ReadonlyMap<string, string | undefined> {
  const { url, written, resource, authorizeParams = [], clientMetadataUrl, tokenEndpoint } = settings
  const plain = url.href.split('#', 1)[0]!
  const texts = new Set([written ?? plain, plain, plain.replace(/\/$/, '')])
  const params = Object.fromEntries([...authorizeParams].sort(([a], [b]) => (a < b ? -1 : 1)))
  const flags = [
    resource,
    authorizeParams.length > 0 ? JSON.stringify(params) : undefined,
    clientMetadataUrl,
    tokenEndpoint,
  ].filter((flag) => flag !== undefined && flag !== '')
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
  return new Map([
    ...[...texts].map((text) => [md5(text), undefined] as const),
    ...[...texts].map((text) => [md5([text, ...flags].join('|')), resource] as const),
  ])
}

async function readSignIn(stem: string, resource: string | undefined): Promise<McpRemoteSignIn | undefined> {
  const file = `${stem}_tokens.json`
  const written = await readJson(file)
  if (written === undefined) return undefined
  const tokens = readTokens(written, resource)
  if (tokens === undefined) return undefined
  const info = await readJson(`${stem}_client_info.json`)
  const client = info && readClient(info.fields)
  const issuer = written.fields.issuer ?? info?.fields.issuer
  // What one issuer has given must not be shown to another.
  const isOfBoth = info?.fields.issuer === undefined || info.fields.issuer === issuer
  return {
    tokens,
    file,
    ...(client !== undefined && isOfBoth && { client }),
    ...(typeof issuer === 'string' && { issuer }),
  }
}

interface Written {
  readonly fields: Readonly<Record<string, unknown>>
  /** Wall clock in milliseconds. */
  readonly writtenAt: number
}

async function readJson(file: string): Promise<Written | undefined> {
  try {
    const { size, mtimeMs } = await stat(file)
    if (size > LIMIT_BYTES) return undefined
    const fields: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined
    return { fields: fields as Written['fields'], writtenAt: Math.round(mtimeMs) }
  } catch {
    return undefined
  }
}

function readTokens({ fields, writtenAt }: Written, resource: string | undefined): Tokens | undefined {
  const { access_token: access, token_type: type } = fields
  if (!isToken(access)) return undefined
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return undefined
  const { id_token: id, refresh_token: refresh, scope, expires_in: lifetime } = fields
  const expiresAt = asNumber(fields.expires_at) ?? inSeconds(writtenAt, asNumber(lifetime))
  return {
    access,
    type: 'bearer',
    obtainedAt: writtenAt,
    ...(isToken(id) && { id }),
    ...(typeof refresh === 'string' && { refresh }),
    ...(typeof scope === 'string' && { scope }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(resource !== undefined && resource !== '' && { resource }),
  }
}

/** As accounts are to hold them: others could be kept, and not read again. */
function isAddress(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value)
}

function readClient(fields: Written['fields']): KnownClient | undefined {
  const { client_id: id, client_secret: secret, token_endpoint_auth_method: method } = fields
  if (typeof id !== 'string' || id === '') return undefined
  const uris = fields.redirect_uris
  const redirectUris = Array.isArray(uris) ? uris.filter(isAddress) : undefined
  const ends = asNumber(fields.client_secret_expires_at)
  return {
    id,
    by: 'registration',
    ...(typeof secret === 'string' && { secret }),
    ...(typeof method === 'string' && { method }),
    ...(redirectUris !== undefined && { redirectUris }),
    // RFC 7591: 0 is never.
    ...(ends !== undefined && ends > 0 && { secretExpiresAt: ends * 1000 }),
  }
}

/** It takes numbers that are strings for numbers, too. */
function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function inSeconds(from: number, seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : from + seconds * 1000
}
