// The commands of a page as something to run: which block is a script, which is a session with its output, and what is
// expected of each. Pure.
import { isSkipped } from './blocks.ts'
import { callsIn } from './code.ts'
import type { Block, Page } from './page.ts'

/** `output`: what stdout and stderr hold together; undefined where only the exit code is told. */
export interface Run {
  readonly script: string
  readonly line: number
  readonly exitCode: number
  readonly output?: readonly string[]
  /** Only the first two words of the output are the same each time, and everywhere. */
  readonly varies: boolean
  /** It starts the bridge itself, which reads messages from its stdin. */
  readonly isBridge: boolean
}

export interface Runs {
  readonly runs: readonly Run[]
  /** Blocks that an editor reads. */
  readonly configs: readonly Block[]
  /** Blocks with a reason why they are not run. */
  readonly skipped: readonly Block[]
}

export function runsOf({ blocks }: Page): Runs {
  const skipped = blocks.filter(({ mark }) => isSkipped(mark))
  const others = blocks.filter((block) => !skipped.includes(block))
  return {
    runs: others.filter((block) => !isForDevelopers(block)).flatMap(runsIn),
    configs: others.filter(isConfig),
    skipped,
  }
}

function runsIn(block: Block): Run[] {
  const { language, text, line } = block
  const expected = expectedBy(block)
  if (language === 'sh') return [{ script: text, line: line + 1, ...expected, isBridge: isBridge(text) }]
  if (language !== 'console') return []
  const lines = text.split('\n')
  const starts = lines.flatMap((one, at) => (one.startsWith('$ ') ? [at] : []))
  return starts.map((start, at) => {
    const part = lines.slice(start, starts[at + 1])
    const length = part.findIndex((one) => !one.endsWith('\\')) + 1
    const script = part.slice(0, length).join('\n').slice(2)
    const output = part.slice(length)
    return { script, line: line + 1 + start, ...expected, output, isBridge: isBridge(script) }
  })
}

function expectedBy({ mark }: Block): Pick<Run, 'exitCode' | 'varies'> {
  const [, code = '0'] = /\bexit (\d+)\b/.exec(mark) ?? []
  return { exitCode: Number(code), varies: /\bvaries\b/.test(mark) }
}

/** A pipe into it has its own messages. */
function isBridge(script: string): boolean {
  const calls = callsIn({ text: script.replace(/\\\n/g, ' '), line: 0, language: 'sh' }, [])
  return !script.includes('|') && calls.some(({ word, flags }) => word === undefined && !isQuestion(flags))
}

const isQuestion = (flags: readonly string[]): boolean =>
  flags.includes('--help') || flags.includes('--version')

/** npm, git and node, of those who have the repository: that the scripts are there is seen without running them. */
function isForDevelopers({ language, text }: Block): boolean {
  const commands = text
    .split(/\n|&&/)
    .map((one) => one.trim())
    .filter((one) => one !== '' && !one.startsWith('#'))
  return language === 'sh' && commands.every((one) => /^(?:npm|git|cd|node) /.test(one))
}

function isConfig({ language, text }: Block): boolean {
  return (language === 'json' || language === 'toml') && /\bcommand\b/.test(text) && /"mcp-ferry/.test(text)
}

/** Undefined if the output is the one in the docs, but for what no two runs have in common; else what differs. */
export function difference({ output, varies }: Run, actual: string): string | undefined {
  if (output === undefined) return undefined
  if (varies) return beginning(output.join('\n')) === beginning(actual) ? undefined : differs(output, actual)
  const pattern = output.map((line) =>
    line.trim() === '…' ? '(?:.*\\n)*' : `${escaped(constant(line)).replaceAll('…', '.*')}\\n`,
  )
  const text = constant(actual.trimEnd() === '' ? '' : `${actual.trimEnd()}\n`)
  return new RegExp(`^${pattern.join('')}\n*$`).test(text) ? undefined : differs(output, actual)
}

const beginning = (text: string): string => constant(text).trim().split(/\s+/, 2).join(' ')

const differs = (output: readonly string[], actual: string): string =>
  `the docs say:\n${output.join('\n')}\nand it prints:\n${actual}`

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Without times, sizes, versions, ids and columns. */
function constant(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?/g, 'DATE')
    .replace(/(?<![\w.])v?\d+(?:\.\d+){2,3}(?:-[\w.]+)?/g, 'VERSION')
    .replace(/\b\d+(?:\.\d+)? (?:ms|s|minutes?|bytes|kB|MB|tokens)\b/g, 'AMOUNT')
    .replace(/\b\d+\.\d{3}\b/g, 'TIME')
    .replace(/\b(?=[a-f]*\d)[0-9a-f]{8}\b/g, 'ID')
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
}
