// Configs as people and programs may have written them: blanks, comments and commas anywhere.
import type { Chance } from '../chance.ts'

/** The name of a server that is put into them. */
export const NEW = 'ferry new'

export function makeJson(chance: Chance): string {
  const gap = (): string => chance.pick(['', ' ', '\n', '\n  ', '\r\n\t', ' /* c */ ', ' // c, }\n'])
  const comma = (): string => (chance.percent(20) ? ',' : '')
  const server = (): string =>
    `{${gap()}"command"${gap()}:${gap()}"x"${chance.percent(40) ? `,${gap()}"args":[${gap()}"a"${comma()}]` : ''}${chance.percent(30) ? ',"disabled":true' : ''}${comma()}${gap()}}`
  const names = ['a', 'b', NEW, 'é'].filter(() => chance.percent(40))
  const servers = names.map((name) => `${gap()}"${name}":${gap()}${server()}${gap()}`).join(',')
  const before = chance.percent(50) ? `${gap()}"theme":${gap()}[1, 2.0, {"a":null}],` : ''
  return `${gap()}{${before}${gap()}"mcpServers"${gap()}:{${servers}${servers === '' ? '' : comma()}${gap()}}${comma()}${gap()}}${gap()}`
}

export function makeToml(chance: Chance): string {
  const eol = chance.pick(['\n', '\n', '\r\n'])
  const comment = (): string => (chance.percent(20) ? ' # c' : '')
  const ways = [
    (name: string) => [
      `[mcp_servers.${name}]${comment()}`,
      `command = "x"${comment()}`,
      'args = ["a", # c',
      ' "b"]',
      ...(chance.percent(40) ? ['', `[mcp_servers.${name}.env]`, 'X = "1"'] : []),
    ],
    (name: string) => ['[mcp_servers]', `${name} = { command = 'x', args = [] }${comment()}`],
    (name: string) => [`mcp_servers.${name}.command = "x"${comment()}`, `mcp_servers.${name}.enabled = true`],
    () => [`[other.${chance.pick(['a', '"b c"'])}]${comment()}`, 'mcp_servers = 1', 't = 07:32:00'],
    () => ['# alone', ''],
  ]
  const names = ['a', '"b c"', `"${NEW}"`]
  return Array.from(
    { length: chance.number(4) },
    () => chance.pick(ways)(chance.pick(names)).join(eol) + eol,
  ).join(chance.pick(['', eol]))
}
