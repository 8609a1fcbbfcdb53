// `mcp-ferry config --list`: the entries that lead through mcp-ferry or mcp-remote, and what is wrong with them.
import { EXIT } from '../../errors.ts'
import { printable } from '../foreign-text.ts'
import { quoted } from '../shown-command.ts'
import { type Call, readEditors } from './config-call.ts'
import { type Found, problemsOf, searchEntries } from './config-entries.ts'
import { remoteOf } from './config-launch.ts'
import { colours, commandFor, print, printJson } from './config-output.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function list(call: Call): Promise<number> {
  const { surroundings, isJson } = call
  const { found, unreadable } = searchEntries(readEditors(call), call)
  if (isJson) await printJson(surroundings, { entries: found.map(viewOf), unreadable })
  else {
    const lines = linesOf(found, call)
    await print(surroundings, lines.map((line) => `${line}\n`).join(''))
  }
  for (const text of unreadable) surroundings.tell(`mcp-ferry: ${text}`)
  return unreadable.length === 0 ? EXIT.ok : EXIT.usage
}

function viewOf(one: Found): Record<string, unknown> {
  const { editor, file, name, server, launch } = one
  const { product, form, version } = launch
  const url = remoteOf(server, launch)
  return {
    ...{ editor: editor.name, file, name, starts: product, form },
    ...(version !== undefined && { version }),
    ...(url !== undefined && { url }),
    problems: problemsOf(one).map(({ code }) => code),
  }
}

function linesOf(found: readonly Found[], { surroundings }: Call): string[] {
  if (found.length === 0) return ['no entry leads through mcp-ferry or mcp-remote']
  const { bold, dim, yellow } = colours(surroundings)
  const lines: string[] = []
  let last = ''
  // A file of a project comes from whoever has made the project.
  const names = found.map(({ name }) => printable(name))
  const width = Math.max(...names.map((name) => name.length))
  for (const [index, one] of found.entries()) {
    const { editor, file, server, launch } = one
    if (file !== last) lines.push(`${bold(editor.title)}  ${dim(printable(file))}`)
    last = file
    const leads = `${formWords(one)}  ${remoteOf(server, launch) ?? '(URL in a variable)'}`
    lines.push(`  ${names[index]!.padEnd(width)}  ${printable(leads)}`)
    for (const { code, text } of problemsOf(one))
      lines.push(yellow(printable(`    ${text}; ${remedy(code, one)}`)))
    if (launch.product === 'mcp-remote')
      lines.push(dim(`    to see what it would be here: ${commandFor(`config --from ${quoted(file)}`)}`))
  }
  return lines
}

function remedy(code: string, { launch }: Found): string {
  const isOurs = launch.product === 'mcp-ferry' && launch.form !== 'file'
  if (code === 'unpinned' || isOurs) return `run ${commandFor('config --update')}`
  return 'write the entry anew'
}

function formWords({ launch: { product, form, version = 'of any version' } }: Found): string {
  if (form === 'installed') return `${product} ${version}, installed`
  return form === 'npx' ? `${product} ${version}, by npx` : product
}
