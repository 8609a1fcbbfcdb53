// What the user of a scenario would have configured: the client that is registered for them, a key, an ID token. The suite
// gives it to the host as JSON; the bridge gets it as flags and variables, as it would from an editor's configuration.
import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface User {
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

type Context = Readonly<Record<string, string>>

/** Where the suite looks for whether this very URL was used; it is never fetched. */
const METADATA_URL = 'https://conformance-test.local/client-metadata.json'

const withSecret = ({ client_id: id = '', client_secret: secret = '' }: Context): User => ({
  flags: ['--client-id', id, '--client-secret-env', 'CLIENT_SECRET'],
  env: { CLIENT_SECRET: secret },
})

const USERS: Readonly<Record<string, (context: Context) => User>> = {
  'auth/basic-cimd': () => ({ flags: ['--client-metadata-url', METADATA_URL], env: {} }),
  'auth/pre-registration': withSecret,

  'auth/client-credentials-basic'(context) {
    const { flags, env } = withSecret(context)
    return { flags: ['--client-credentials', ...flags], env }
  },

  'auth/client-credentials-jwt'({ client_id: id = '', private_key_pem: key = '' }) {
    // The home is this run's own, and removed after it.
    const file = join(homedir(), 'client-key.pem')
    writeFileSync(file, key, { mode: 0o600 })
    return { flags: ['--client-credentials', '--client-id', id, '--private-key-file', file], env: {} }
  },

  'auth/wif-jwt-bearer'({ client_id: id = '', valid_jwt: assertion = '' }) {
    return {
      flags: ['--client-id', id, '--assertion-env', 'ASSERTION'],
      env: { ASSERTION: assertion },
    }
  },

  'auth/enterprise-managed-authorization'(context) {
    const { flags, env } = withSecret(context)
    const { idp_token_endpoint: endpoint = '', idp_client_id: id = '', idp_id_token: token = '' } = context
    const provider = ['--idp-token-endpoint', endpoint, '--idp-client-id', id, '--id-token-env', 'ID_TOKEN']
    return { flags: [...flags, ...provider], env: { ...env, ID_TOKEN: token } }
  },
}

export function userOf(scenario: string, context: string | undefined): User {
  const user = USERS[scenario]
  return user === undefined ? { flags: [], env: {} } : user(JSON.parse(context ?? '{}') as Context)
}
