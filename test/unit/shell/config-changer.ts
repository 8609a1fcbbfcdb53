// A process of its own that changes a config: `config-changer.ts WHAT FILE …`. As root it first becomes somebody who is not,
// for the tests in which rights matter, when everything is loaded.
import { changeFile, readFileText } from '../../../src/shell/files/changed-file.ts'
import { withServer } from '../../../src/shell/files/servers.ts'
import { json, SERVER } from './config-texts.ts'

const NOBODY = 65534
const [what, file, ...rest] = process.argv.slice(2)
if (what === undefined || file === undefined) throw new Error('WHAT FILE')

const WORKS: Readonly<Record<string, () => void>> = {
  /** Adds so many servers, one by one. */
  add() {
    const [name, count] = rest
    for (let index = 0; index < Number(count); index++)
      changeFile(file, (text = '') => withServer(text, json('mcpServers'), `${name}-${index}`, SERVER))
  },
  /** Writes two long texts in turn. */
  alternate() {
    for (let index = 0; index < Number(rest[0]); index++)
      changeFile(file, () => JSON.stringify(Array.from({ length: 1e5 }, () => index % 2)))
  },
  change() {
    becomeNobody()
    changeFile(file, (text = '') => `${text}{}`)
  },
  read() {
    becomeNobody()
    readFileText(file)
  },
}

function becomeNobody(): void {
  if (process.getuid?.() !== 0) return
  process.setgroups?.([])
  process.setgid?.(NOBODY)
  process.setuid?.(NOBODY)
}

try {
  WORKS[what]?.()
} catch (thrown) {
  const { message, facts } = thrown as { message: string; facts?: { code?: string } }
  process.stdout.write(`${facts?.code}: ${message}\n`)
}
