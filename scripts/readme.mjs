// Writes the table of options in the README from the flag table; with --check it only says whether they agree.
import { readFileSync, writeFileSync } from 'node:fs'
import { helpOf, TOLD_FLAGS } from '../src/options/flag-help.ts'
import { valueNameOf } from '../src/options/flag-values.ts'
import { URL_VARIABLE } from '../src/options/flags.ts'

const file = new URL('../README.md', import.meta.url)
const [START, END] = ['<!-- options -->\n', '<!-- /options -->']

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
const row = ({ name, short, env, default: standard }) => {
  const value = valueNameOf(name)
  const option = `\`${short === undefined ? '' : `${short}, `}${name}${value === undefined ? '' : ` ${value}`}\``
  const rest = standard === undefined ? '' : ` (default ${standard})`
  return `| ${option.replaceAll('|', '\\|')} | ${env === undefined ? '' : `\`${env}\``} | ${cell(helpOf(name))}${rest} |`
}
const table = [
  '| option | variable | what it does |',
  '|---|---|---|',
  `| \`<url>\` | \`${URL_VARIABLE}\` | the URL of the MCP endpoint |`,
  ...TOLD_FLAGS.map(row),
]

const readme = readFileSync(file, 'utf8')
const from = readme.indexOf(START) + START.length
const to = readme.indexOf(END)
if (from < START.length || to < 0) throw new Error(`README.md has no ${START.trim()} … ${END}`)
const wanted = `${readme.slice(0, from)}${table.join('\n')}\n${readme.slice(to)}`
if (wanted !== readme) {
  if (process.argv.includes('--check')) {
    process.stdout.write('README.md: the options differ from the flag table; run npm run readme\n')
    process.exit(1)
  }
  writeFileSync(file, wanted)
}
