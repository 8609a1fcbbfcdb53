// Whether the docs are true of the program: `npm run docs`. It looks for every option, command, variable, kind of error and
// exit code, for what is documented and does not exist, and for links and blocks that are broken. That the commands in
// them run is seen by test/e2e/docs.test.ts.
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blockComplaints } from './blocks.ts'
import { npmComplaints, programComplaints } from './complaints.ts'
import { linkComplaints, pathComplaints, startedComplaints } from './links.ts'
import { readPage } from './page.ts'
import { docPaths, packedIn } from './paths.ts'
import { programFacts } from './program-facts.ts'
import { repositoryFiles } from './repository-files.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = repositoryFiles(root)
const pages = docPaths(files).map((path) => readPage(path, readFileSync(join(root, path), 'utf8')))
const packageOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
const scriptsOf = (path: string): string[] => {
  const folder = posix.dirname(path)
  const owner = files.has(posix.join(folder, 'package.json')) ? folder : '.'
  return Object.keys(packageOf(owner).scripts ?? {})
}
const tree = { files, isPacked: packedIn(packageOf('.').files) }
const complaints = [
  ...programComplaints(pages, programFacts(root)),
  ...blockComplaints(pages),
  ...linkComplaints(pages, tree),
  ...pathComplaints(pages, tree),
  ...startedComplaints(pages, tree),
  ...npmComplaints(pages, scriptsOf),
]
for (const complaint of complaints) process.stdout.write(`${complaint}\n`)
process.stdout.write(`${pages.length} pages, ${complaints.length} complaints\n`)
if (complaints.length > 0) process.exitCode = 1
