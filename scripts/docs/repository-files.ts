// The files of the repository that docs may speak of, from its root, with `/`.
import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

const FOLDERS = ['bin', 'docs', 'examples', 'scripts', 'src', 'test', '.github']

export function repositoryFiles(root: string): Set<string> {
  const files = readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [entry.name]
    if (!FOLDERS.includes(entry.name)) return []
    const below = readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' })
    return below.map((name) => `${entry.name}/${name.split(sep).join('/')}`)
  })
  return new Set(files)
}
