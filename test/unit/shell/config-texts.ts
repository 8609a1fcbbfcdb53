// Configs as editors and people have written them, each in the ways that systems and programs write a text.
import { readFileSync } from 'node:fs'
import type { ServerFields, Table } from '../../../src/shell/files/servers.ts'

export interface Config {
  readonly name: string
  readonly text: string
  readonly table: Table
  readonly servers: readonly string[]
}

const FILES: readonly Omit<Config, 'text'>[] = [
  { name: 'cursor.json', table: json('mcpServers'), servers: ['github', 'linear'] },
  { name: 'claude-desktop.json', table: json('mcpServers'), servers: ['filesystem'] },
  { name: 'vscode.jsonc', table: json('servers'), servers: ['perplexity'] },
  { name: 'zed.jsonc', table: json('context_servers'), servers: ['postgres'] },
  { name: 'gemini.json', table: json('mcpServers'), servers: ['docs'] },
  { name: 'codex.toml', table: { format: 'toml', path: ['mcp_servers'] }, servers: ['docs', 'git lab'] },
]

const WAYS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  CRLF: (text) => text.replaceAll('\n', '\r\n'),
  'BOM and CRLF': (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`,
}

export const CONFIGS: readonly Config[] = FILES.flatMap((file) => {
  const text = readFileSync(new URL(`../../fixtures/vectors/configs/${file.name}`, import.meta.url), 'utf8')
  return Object.entries(WAYS).map(([way, written]) => ({
    ...file,
    name: `${file.name} (${way})`,
    text: written(text),
  }))
})

export function json(...path: readonly string[]): Table {
  return { format: 'json', path }
}

export const SERVER: ServerFields = {
  command: '/usr/local/bin/node',
  args: [
    '/home/me/.local/share/mcp-ferry/1.0.0/mcp-ferry.cjs',
    'https://mcp.example.com/mcp',
    '--bearer-env',
    'TOKEN',
  ],
  env: { TOKEN: 'a "quoted" \\ value' },
}

/** `.claude.json` of somebody who has used it for long: about 1 MB, servers in the middle. */
export function claudeCode(): Config {
  const projects = Object.fromEntries(
    Array.from({ length: 4000 }, (_, index) => [
      `/home/me/code/project ${index}`,
      {
        allowedTools: [],
        history: [{ display: 'fix "it" {now} // please', pastedContents: {} }],
        mcpServers: {},
        lastCost: 0.1 + index,
      },
    ]),
  )
  const whole = {
    numStartups: 812,
    mcpServers: { sentry: { type: 'http', url: 'https://mcp.sentry.dev/mcp' } },
    projects,
    oauthAccount: { emailAddress: 'me@example.com' },
  }
  return {
    name: '.claude.json of 1 MB',
    text: JSON.stringify(whole, null, 2),
    table: json('mcpServers'),
    servers: ['sentry'],
  }
}
