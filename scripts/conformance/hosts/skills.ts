// Loads the skills that a server lists (extension io.modelcontextprotocol/skills), and stops at the first file that is
// not what the list says, as the extension asks of a host. Only so does it matter what the bridge passes on.
import { createHash } from 'node:crypto'
import type { Peer } from './peer.ts'

interface Skill {
  readonly uri: string
  readonly frontmatter: Readonly<Record<string, unknown>>
  readonly resources: readonly { readonly uri: string; readonly digest: string; readonly size: number }[]
}

export async function verifySkills(peer: Peer): Promise<void> {
  const { skills } = (await peer.request('skills/list')) as { readonly skills: readonly Skill[] }
  for (const skill of skills) await load(peer, skill)
}

async function load(peer: Peer, skill: Skill): Promise<void> {
  for (const { uri, digest, size } of skill.resources) {
    const text = await peer.readResource(uri)
    const isAsListed =
      Buffer.byteLength(text) === size &&
      digest === `sha256:${createHash('sha256').update(text).digest('hex')}` &&
      (uri !== skill.uri || hasFrontmatter(text, skill.frontmatter))
    if (!isAsListed) return
  }
}

/** Enough of YAML for one word and one text to a line, which is all that the suite writes. */
function hasFrontmatter(text: string, expected: Skill['frontmatter']): boolean {
  const block = /^---\n(.*?)\n---\n/s.exec(text)?.[1] ?? ''
  const pairs = block.split('\n').map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1) ?? [])
  const found = Object.fromEntries(pairs) as Readonly<Record<string, string>>
  const names = new Set([...Object.keys(found), ...Object.keys(expected)])
  return [...names].every((name) => found[name] === expected[name])
}
