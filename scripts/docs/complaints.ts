// What is wrong with the docs, held against what the program has: nothing may lack, and nothing may be there that the
// program does not have. Pure; each complaint says where it is and what to do.
import { callsIn, codeOf, flagsIn, npmScriptsIn, variablesIn } from './code.ts'
import { exitCodeComplaints } from './exit-codes.ts'
import type { Page } from './page.ts'
import type { CommandFacts, Facts } from './program-facts.ts'

/** Options of other programs that the docs speak of. */
const FOREIGN_FLAGS: Readonly<Record<string, readonly string[]>> = {
  npm: ['--global'],
  node: ['--import', '--test'],
}
const FOREIGN = Object.values(FOREIGN_FLAGS).flat()

/** What people read before they use it: there everything stands. The other pages may say less, but nothing wrong. */
function isForUsers({ path }: Page): boolean {
  return path === 'README.md' || path.startsWith('docs/')
}

export function programComplaints(pages: readonly Page[], facts: Facts): string[] {
  return [
    ...pages.flatMap((page) => unknownThings(page, facts)),
    ...undocumented(pages.filter(isForUsers), facts),
    ...kindComplaints(pages, facts),
    ...exitCodeComplaints(pages, facts),
  ]
}

function unknownThings(page: Page, facts: Facts): string[] {
  const { path, lines } = page
  const variables = new Set([...facts.flags.flatMap(({ env }) => env ?? []), ...facts.variables])
  const flags = new Set([
    ...facts.takenFlags,
    ...facts.commands.flatMap((command) => command.flags),
    ...FOREIGN,
  ])
  const inText = lines.flatMap((text, at) => [
    ...flagsIn(text)
      .filter((flag) => !flags.has(flag))
      .map((flag) => `${path}:${at + 1}: there is no option ${flag}`),
    ...variablesIn(text)
      .filter((name) => !variables.has(name))
      .map((name) => `${path}:${at + 1}: there is no variable ${name}`),
  ])
  return [...inText, ...unknownInCalls(page, facts)]
}

function unknownInCalls(page: Page, facts: Facts): string[] {
  const names = facts.commands.map(({ name }) => name)
  return codeOf(page).flatMap((code) => {
    const calls = callsIn(code, names)
    const inJson = code.language === 'json' || code.language === 'toml' ? flagsIn(code.text) : []
    const bridge = inJson.filter((flag) => !facts.takenFlags.includes(flag))
    return [
      ...bridge.map((flag) => `${page.path}:${code.line}: ${flag} is no option of the bridge`),
      ...calls.flatMap(({ word, flags, line }) => {
        const command = facts.commands.find(({ name }) => name === word)
        if (word !== undefined && command === undefined)
          return `${page.path}:${line}: there is no command ${word}`
        const taken = [...facts.takenFlags, ...(command?.flags ?? [])]
        const whose = command?.name ?? 'the bridge'
        return flags
          .filter((flag) => !taken.includes(flag))
          .map((flag) => `${page.path}:${line}: ${flag} is no option of ${whose}`)
      }),
    ]
  })
}

function undocumented(pages: readonly Page[], facts: Facts): string[] {
  const readme = pages.filter(({ path }) => path === 'README.md').flatMap(({ spans }) => spans)
  const inReadme = readme.map(({ text }) => text)
  const flags = new Set(inReadme.flatMap(flagsIn))
  const variables = new Set(inReadme.flatMap(variablesIn))
  const words = new Set(pages.flatMap(({ spans }) => spans.map(({ text }) => text)))
  return [
    ...facts.flags
      .filter(({ name }) => !flags.has(name))
      .map(({ name }) => `README.md: the option ${name} is not documented; run npm run readme`),
    ...[...facts.flags.flatMap(({ env }) => env ?? []), ...facts.variables]
      .filter((name) => !variables.has(name))
      .map((name) => `README.md: the variable ${name} is not documented`),
    ...facts.editors
      .filter((name) => !words.has(name))
      .map((name) => `docs: the editor ${name} is in no page, between backticks`),
    ...facts.commands.flatMap((command) => undocumentedOf(command, pages, facts)),
  ]
}

/** That a command ends somehow does not say what it does. */
const isExitCodeRow = (line: string): boolean => /^\| \d[\d, to]* \|/.test(line)

/** A command has a page that names it, and there, in code, each option that only it has. */
function undocumentedOf(command: CommandFacts, pages: readonly Page[], facts: Facts): string[] {
  const names = facts.commands.map(({ name }) => name)
  const about = pages
    .map((page) => codeOf(page).filter(({ line }) => !isExitCodeRow(page.lines[line - 1] ?? '')))
    .filter((all) => all.some((code) => callsIn(code, names).some(({ word }) => word === command.name)))
  if (about.length === 0) return [`docs: the command ${command.name} is not documented`]
  const told = new Set(about.flatMap((all) => all.flatMap(({ text }) => flagsIn(text))))
  return command.flags
    .filter((flag) => flag.startsWith('--') && !told.has(flag))
    .map((flag) => `docs: the option ${flag} of ${command.name} is in no page that names ${command.name}`)
}

/** The rows of the README's table are the kinds; what other pages call a kind is one. */
function kindComplaints(pages: readonly Page[], { kinds }: Facts): string[] {
  const readme = pages.find(({ path }) => path === 'README.md')
  const rows = (readme?.lines ?? []).flatMap((line) => {
    const [, anchor, kind] = /^\| <a id="kind-([^"]+)"><\/a>`([^`]+)` \|/.exec(line) ?? []
    return kind === undefined ? [] : [{ anchor, kind }]
  })
  const named = pages.flatMap(({ path, lines }) =>
    lines.flatMap((line, at) =>
      [...line.matchAll(/\bkind \[?`([a-z-]+)`/g)]
        .filter(([, kind]) => !kinds.includes(kind!))
        .map(([, kind]) => `${path}:${at + 1}: there is no kind of error ${kind}`),
    ),
  )
  return [
    ...kinds
      .filter((kind) => !rows.some((row) => row.kind === kind))
      .map((kind) => `README.md: the kind of error ${kind} has no row in the table of kinds`),
    ...rows
      .filter(({ kind }) => !kinds.includes(kind))
      .map(({ kind }) => `README.md: there is no kind of error ${kind}; take its row out`),
    ...rows
      .filter(({ anchor, kind }) => anchor !== kind)
      .map(({ anchor, kind }) => `README.md: the row of ${kind} has the anchor kind-${anchor}`),
    ...named,
  ]
}

/** `scriptsOf`: the scripts of the package that a page belongs to. */
export function npmComplaints(
  pages: readonly Page[],
  scriptsOf: (path: string) => readonly string[],
): string[] {
  return pages.flatMap((page) =>
    codeOf(page).flatMap(({ text, line }) =>
      npmScriptsIn(text)
        .filter((name) => !scriptsOf(page.path).includes(name))
        .map((name) => `${page.path}:${line}: package.json has no script ${name}`),
    ),
  )
}
