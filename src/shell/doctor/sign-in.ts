// The step that looks at credentials: what is sent, what is kept, what the server asks for and where one signs in to it. It
// signs nobody in. protocol.md 0.8, G.1, G.2.
import { parseChallenges, wantedBy } from '../../auth/challenge.ts'
import { discoverResource, discoverServer } from '../../auth/discovery.ts'
import { accountFile } from '../../auth/kept/account-file.ts'
import { listAccounts } from '../../auth/kept/accounts.ts'
import { keychain } from '../../auth/kept/open-store.ts'
import { loginCommandFor } from '../../auth/login-command.ts'
import { createWeb } from '../../auth/web.ts'
import { toBridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Options } from '../../options/options.ts'
import { isByPerson } from '../../options/sign-in.ts'
import { credentialsFolder } from '../../paths.ts'
import { describeHeaders } from '../../remote/refused.ts'
import { createStop } from '../../remote/stop.ts'
import { type AccountView, type DamagedView, untilWords, viewOf } from '../commands/account-view.ts'
import type { Surroundings } from '../door.ts'
import type { Reply } from './question.ts'
import { isRefused } from './reply.ts'
import type { Finding } from './step.ts'

export interface SignInQuestion {
  readonly options: Options
  readonly reply: Reply
  /** Whether the answer is one of an MCP server, so that it says something about credentials. */
  readonly isLetIn: boolean
  readonly log: Log
  readonly surroundings: Pick<Surroundings, 'env' | 'platform' | 'userAgent'>
}

/** Where one signs in, as far as it can be found out. */
type Place =
  | {
      readonly kind: 'found'
      readonly issuer: string
      readonly registers: boolean
      readonly hasPkce: boolean
      readonly scopes: readonly string[]
    }
  | { readonly kind: 'none'; readonly why: string }

const NOT_TOLD = 'the server does not tell where one signs in to it'

type Kept = AccountView | DamagedView | undefined

export async function lookAtSignIn(question: SignInQuestion): Promise<Finding> {
  const { options, reply, isLetIn } = question
  const sent = describeHeaders(pairs(reply.sentHeaders), Date.now())
  const kept = await findKept(question).catch(() => undefined)
  const refused = isRefused(reply)
  const schemes = [...new Set(reply.authenticate.flatMap(parseChallenges).map(({ scheme }) => scheme))]
  const wanted = wantedBy(reply.authenticate)
  const place = refused ? await findPlace(question) : undefined
  const details = [
    ...(sent.length === 0 ? ['no header of yours was sent'] : sent.map((one) => `sent: ${one}`)),
    ...keptLines(kept),
    ...(schemes.length === 0
      ? []
      : [
          `the server asks for ${schemes.join(', ')}${wanted?.error === undefined ? '' : ` (${wanted.error})`}`,
        ]),
    ...placeLines(place),
  ]
  const facts = {
    refused,
    sent: sent.length,
    schemes,
    ...(wanted !== undefined && { error: wanted.error ?? null, scope: wanted.scope ?? null }),
    stored: keptFacts(kept),
    place: place ?? null,
  }
  if (!refused && !isLetIn)
    return {
      state: 'skipped',
      sees: 'such an answer does not tell whether the credentials are right',
      details,
      facts,
    }
  if (!refused) return { ...accepted(sent, options.signIn.isOff ? undefined : kept), details, facts }
  return { ...verdict({ options, sent, kept, place, status: reply.status }), details, facts }
}

function accepted(sent: readonly string[], kept: Kept): Finding {
  const expired = sent.find((one) => one.includes('expired'))
  if (expired !== undefined)
    return {
      state: 'warn',
      sees: `the handshake is let in, but ${expired} is over`,
      advice: 'get a new one: calls may be refused',
    }
  if (isIn(kept) && sent.length > 0) return { state: 'ok', sees: 'signed in, and let in' }
  return {
    state: 'ok',
    sees: sent.length === 0 ? 'the handshake needs no credential' : 'let in with what was sent',
  }
}

interface Case {
  readonly options: Options
  readonly sent: readonly string[]
  readonly kept: Kept
  readonly place: Place | undefined
  readonly status: number
}

/** What a refusal means for this person. */
function verdict({ options, sent, kept, place, status }: Case): Finding {
  const { url, signIn } = options
  const command = loginCommandFor(url, signIn)
  const canSignIn = place?.kind === 'found'
  if (options.changing !== undefined && sent.length > 0)
    return { state: 'ok', sees: `HTTP ${status}: the bridge makes the headers anew, once: see the handshake` }
  if (signIn.isOff) {
    if (sent.length === 0)
      return {
        state: 'fail',
        sees: `HTTP ${status}: a credential is wanted, none is given, and signing in is turned off`,
        advice:
          'leave out --no-oauth, or give a header, e.g. --header-env Authorization=MY_VAR with MY_VAR in "env"',
      }
    const other = canSignIn ? `; or leave the header out and sign in: ${command}` : ''
    return {
      state: 'fail',
      sees: `HTTP ${status}: the server refuses what was sent, ${sent.join(', ')}`,
      advice: `check that the value is right and not expired, and that name and scheme are what the server expects${other}`,
    }
  }
  if (!isByPerson(signIn))
    return { state: 'ok', sees: 'the bridge gets a token without a person: see the handshake' }
  if (isIn(kept)) {
    // The bridge renews what is refused, once.
    if (kept.renewable)
      return { state: 'ok', sees: 'signed in; the token was refused and is renewed: see the handshake' }
    return {
      state: 'fail',
      sees: 'the server refuses the token of the sign-in that is kept',
      advice: `sign in anew: ${command}`,
    }
  }
  if (canSignIn) {
    const register = place.registers || signIn.client !== undefined || signIn.clientMetadataUrl !== undefined
    if (register)
      return {
        state: 'fail',
        sees: 'one has to sign in, and nobody is signed in here',
        advice: `run: ${command}`,
      }
    return {
      state: 'fail',
      sees: 'one has to sign in, and the authorization server lets no program register itself',
      advice: `register a client there and give its id: ${command} --client-id ID`,
    }
  }
  const why = place?.kind === 'none' && place.why !== NOT_TOLD ? `: ${place.why}` : ''
  return {
    state: 'fail',
    sees: `HTTP ${status}: the server wants a credential, and it cannot be told where to sign in${why}`,
    advice: `give it one, e.g. --header-env Authorization=MY_VAR with MY_VAR in "env"; or try: ${command}`,
  }
}

function isIn(kept: Kept): kept is AccountView {
  return kept !== undefined && 'state' in kept && kept.state === 'signed-in'
}

async function findKept({ options, log, surroundings }: SignInQuestion): Promise<Kept> {
  const { env, platform } = surroundings
  const folder = await credentialsFolder(env)
  const only = accountFile(folder, options.url, options.signIn.profile)
  const [found] = await listAccounts({ folder, vault: keychain({ platform, env }), log, only })
  return found && viewOf(found, Date.now())
}

function keptLines(kept: Kept): string[] {
  if (kept === undefined) return ['no sign-in is kept for this URL']
  if ('problem' in kept) return [`the sign-in that is kept cannot be used: ${kept.problem}`]
  if (kept.state === 'not-signed-in') return ['a sign-in was begun and is not complete']
  const until = untilWords(kept, Date.now())
  const where = kept.issuer === undefined ? '' : ` at ${kept.issuer}`
  return [
    `kept: ${kept.state === 'expired' ? 'a sign-in that is over' : 'signed in'}${where}, until: ${until}`,
  ]
}

function keptFacts(kept: Kept): Readonly<Record<string, unknown>> | null {
  if (kept === undefined) return null
  if ('problem' in kept) return { problem: kept.problem }
  const { state, issuer = null, expiresAt = null, renewable, scopes, store } = kept
  return { state, issuer, expiresAt, renewable, scopes, store }
}

/** What the server and the authorization server that it names say of themselves. */
async function findPlace({ options, reply, log, surroundings }: SignInQuestion): Promise<Place> {
  const { url, signIn } = options
  const { userAgent } = surroundings
  const web = createWeb({
    server: url,
    allowsPrivate: signIn.allowsPrivate,
    network: signIn.network,
    userAgent,
    log,
    stop: createStop(),
  })
  try {
    const rules = await web.rules()
    const challenged = wantedBy(reply.authenticate)?.resourceMetadata
    const resource = await discoverResource({ challenged, server: url, web, rules })
    const isGuessed = resource.kind === 'none'
    const issuer = isGuessed ? url.origin : resource.issuers[0]!
    const server = await discoverServer({ issuer, isGuessed, web, rules })
    if (server === undefined) return { kind: 'none', why: NOT_TOLD }
    return {
      kind: 'found',
      issuer: server.issuer,
      registers: server.registration_endpoint !== undefined,
      hasPkce: server.code_challenge_methods_supported?.includes('S256') === true,
      scopes: resource.kind === 'found' ? (resource.scopes ?? []) : [],
    }
  } catch (thrown) {
    return { kind: 'none', why: toBridgeError(thrown).message }
  } finally {
    web.close()
  }
}

function placeLines(place: Place | undefined): string[] {
  if (place === undefined) return []
  if (place.kind === 'none') return place.why === NOT_TOLD ? [NOT_TOLD] : []
  const { issuer, registers, hasPkce, scopes } = place
  return [
    `one signs in at ${issuer}`,
    registers ? 'programs may register themselves there' : 'no program may register itself there',
    ...(hasPkce ? [] : ['it does not say that it knows PKCE (S256)']),
    ...(scopes.length === 0 ? [] : [`scopes: ${scopes.join(' ')}`]),
  ]
}

function pairs(headers: readonly string[]): { name: string; value: string }[] {
  return headers.flatMap((name, at) => (at % 2 === 0 ? [{ name, value: headers[at + 1] ?? '' }] : []))
}
