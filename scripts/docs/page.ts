// A page of the docs, read as far as the checks need it: its blocks with their marks, its code, its links, and what
// can be linked to. Pure.

export interface Block {
  /** What stands behind the three backticks. */
  readonly language: string
  readonly text: string
  /** Of the line with the backticks, counted from 1. */
  readonly line: number
  /** The comment in the line above, such as `not run: …` or `exit 2`. */
  readonly mark: string
  /** The headings that it stands under, the nearest last. */
  readonly under: readonly string[]
}

export interface Span {
  readonly text: string
  readonly line: number
}

export interface Link extends Span {
  readonly under: readonly string[]
}

export interface Page {
  /** From the root of the repository, with `/`. */
  readonly path: string
  /** All of it. */
  readonly lines: readonly string[]
  readonly blocks: readonly Block[]
  /** What stands between backticks in the running text. */
  readonly spans: readonly Span[]
  readonly links: readonly Link[]
  readonly anchors: ReadonlySet<string>
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*(\w*)/
const MARK = /^<!--\s*(.*?)\s*-->$/

export function readPage(path: string, text: string): Page {
  const lines = text.split(/\r?\n/)
  const blocks: Block[] = []
  const spans: Span[] = []
  const links: Link[] = []
  const slugs = new Map<string, number>()
  const anchors = new Set<string>()
  const under: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const written = lines[at]!
    const fence = FENCE.exec(written)
    if (fence !== null) {
      const end = endOf(lines, at, fence[1]!)
      const mark = MARK.exec(lines[at - 1]?.trim() ?? '')?.[1] ?? ''
      const body = lines.slice(at + 1, end)
      blocks.push({ language: fence[2]!, text: body.join('\n'), line: at + 1, mark, under: [...under] })
      at = end
      continue
    }
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(written)
    if (heading !== null) {
      under.splice(heading[1]!.length - 1)
      under[heading[1]!.length - 1] = heading[2]!
      anchors.add(numbered(slugOf(heading[2]!), slugs))
    }
    const line = at + 1
    for (const [, id] of written.matchAll(/<\w+\s[^>]*?\b(?:id|name)="([^"]+)"/g)) anchors.add(id!)
    spans.push(...spansOf(written).map((span) => ({ text: span, line })))
    for (const target of linksOf(written)) links.push({ text: target, line, under: under.filter(Boolean) })
  }
  return { path, lines, blocks, spans, links, anchors }
}

function endOf(lines: readonly string[], start: number, fence: string): number {
  const end = lines.findIndex((line, at) => at > start && line.trim().startsWith(fence))
  return end < 0 ? lines.length : end
}

function spansOf(line: string): string[] {
  return [...line.matchAll(/(`+)(.+?)\1(?!`)/g)].map(([, , text]) => text!.replaceAll('\\|', '|').trim())
}

function linksOf(line: string): string[] {
  const prose = line.replace(/(`+)(.+?)\1(?!`)/g, (code) => ' '.repeat(code.length))
  const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
  const html = [...prose.matchAll(/<(?:a|img)\s[^>]*?\b(?:href|src)="([^"]+)"/g)]
  const reference = [...prose.matchAll(/^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g)]
  return [...inline, ...html, ...reference].map(([, target]) => target!)
}

/** As GitHub makes it: letters, digits, _ and -, small; blanks become -. */
export function slugOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]+>/g, '')
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
}

function numbered(slug: string, seen: Map<string, number>): string {
  const count = seen.get(slug) ?? 0
  seen.set(slug, count + 1)
  return count === 0 ? slug : `${slug}-${count}`
}
