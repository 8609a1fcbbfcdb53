// The frame of a host program: what the suite gives it, what it starts, and how it ends. The suite appends its server's
// URL to the command line and names the scenario in the environment; the bridge gets the URL and nothing else.
import { parseArgs } from 'node:util'
import { BIN } from '../../../test/fixtures/hosts/raw-host.ts'
import type { Peer } from './peer.ts'
import { type User, userOf } from './user.ts'
import { work } from './work.ts'

export interface Target {
  readonly url: URL
  /** Speak HTTP to the suite's server, without the bridge: shows that the host is right. */
  readonly direct: boolean
  /** Of `--era`: how a host that speaks both eras begins. */
  readonly era: string
  /** Of `--remote-era`: what the bridge is told of the remote. */
  readonly remoteEra: string | undefined
  /** What the user of this scenario has configured, as flags and as variables. */
  readonly user: User
}

/** Where the bridge may keep what it keeps, set for each scenario by suite.ts; SDK hosts hand on HOME themselves. */
export const STATE_VARIABLES = [
  'MCP_FERRY_CACHE_DIR',
  'MCP_FERRY_CONFIG_DIR',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
]

/** Where a browser is found, set by suite.ts too. */
const BROWSER_VARIABLES = ['BROWSER', 'DISPLAY']

/** What an SDK's transport over stdio takes to start the bridge. Its own few variables come on top of `env`. */
export function bridgeCommand({ url, remoteEra, user }: Target) {
  const given = [...STATE_VARIABLES, ...BROWSER_VARIABLES].map((name) => [name, process.env[name] ?? ''])
  const env = { ...(Object.fromEntries(given) as Record<string, string>), ...user.env }
  const more = remoteEra === undefined ? [] : ['--remote-era', remoteEra]
  const args = [BIN, url.href, ...more, ...user.flags]
  return { command: process.execPath, args, env, stderr: 'inherit' as const }
}

export async function runHost(connect: (target: Target) => Promise<Peer>): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      direct: { type: 'boolean', default: false },
      era: { type: 'string', default: '' },
      'remote-era': { type: 'string' },
    },
    allowPositionals: true,
  })
  const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context } = process.env
  try {
    const url = new URL(positionals[0] ?? '')
    const peer = await connect({
      url,
      direct: values.direct,
      era: values.era,
      remoteEra: values['remote-era'],
      user: userOf(scenario, context),
    })
    try {
      await work(peer, scenario, context)
    } finally {
      await peer.close()
    }
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}
