// What the suite wants done in each scenario by the program that it starts. The suite judges what its server sees.
import type { Arguments, Peer } from './peer.ts'
import { verifySkills } from './skills.ts'

interface ToolCall {
  readonly name: string
  readonly arguments: Arguments
}

/** How the names of the scenarios of signing in begin. */
export const SIGNING_IN = 'auth/'

/** `context` is what the suite gives to the scenario, as JSON. */
type Work = (peer: Peer, context: string | undefined) => Promise<void>

const listTools: Work = async (peer) => void (await peer.listTools())

const callEachTool: Work = async (peer) => {
  for (const { name } of await peer.listTools()) await peer.callTool(name)
}

const WORK: Readonly<Record<string, Work>> = {
  initialize: listTools,
  'request-metadata': listTools,
  'json-schema-ref-no-deref': listTools,

  async tools_call(peer) {
    await peer.listTools()
    await peer.callTool('add_numbers', { a: 5, b: 3 })
  },

  'elicitation-sep1034-client-defaults': callEachTool,
  'sse-retry': callEachTool,

  async 'json-schema-2020-12-preservation'(peer) {
    const tools = await peer.listTools()
    const shown = tools.find(({ name }) => name !== 'json_schema_echo')
    if (shown === undefined) throw new Error('there is no tool whose schema could be echoed')
    await peer.callTool('json_schema_echo', { schema: shown.inputSchema })
  },

  async 'sep-2322-client-request-state'(peer) {
    await peer.listTools()
    // What one call is asked in between must not get into another that is under way.
    await Promise.all(['test_mrtr_echo_state', 'test_mrtr_unrelated'].map((name) => peer.callTool(name)))
    await peer.callTool('test_mrtr_no_state')
    await peer.callTool('test_mrtr_unrelated')
    // The answer has no resultType, which a host may refuse; the suite only looks that nothing is sent again.
    await peer.callTool('test_mrtr_no_result_type').catch(() => {})
  },

  async 'http-standard-headers'(peer) {
    for (const { name } of some(await peer.listTools())) await peer.callTool(name)
    for (const { uri } of some(await peer.listResources())) await peer.readResource(uri)
    for (const { name } of some(await peer.listPrompts())) await peer.getPrompt(name)
  },

  async 'http-custom-headers'(peer, context) {
    await peer.listTools()
    const { toolCalls = [] } = JSON.parse(context ?? '{}') as { toolCalls?: readonly ToolCall[] }
    if (toolCalls.length === 0) throw new Error('the suite named no tools to call')
    for (const call of toolCalls) await peer.callTool(call.name, call.arguments)
  },

  async 'http-invalid-tool-headers'(peer) {
    for (const { name } of await peer.listTools()) await peer.callTool(name, { region: 'us-west1' })
  },

  async 'sep-2640-client-no-prefetch'(peer) {
    await peer.request('skills/list')
  },
  'sep-2640-client-verify-digest': verifySkills,
  'sep-2640-client-verify-size': verifySkills,
  'sep-2640-client-verify-frontmatter': verifySkills,
}

/** The suite does not miss what was never sent. */
function some<T>(list: readonly T[]): readonly T[] {
  if (list.length === 0) throw new Error('a list is empty that the suite fills')
  return list
}

/** Whoever has signed in uses what is behind it; in some scenarios the tool wants more than the list of tools. */
const signIn: Work = async (peer) => {
  await peer.listTools()
  await peer.callTool('test-tool')
}

export async function work(peer: Peer, scenario: string, context: string | undefined): Promise<void> {
  const steps = scenario.startsWith(SIGNING_IN) ? signIn : WORK[scenario]
  if (steps === undefined) throw new Error(`nobody has written what to do in the scenario "${scenario}"`)
  await steps(peer, context)
}
