// Members put into an object or array of a JSON text and taken out of it, laid out as what is around them. Pure.
import type { Node } from './json-tree.ts'
import { lineEnd, lineStart } from './text-lines.ts'

export interface Member {
  /** Only in an object. */
  readonly key?: string
  readonly value: unknown
}

interface Layout {
  readonly eol: string
  /** What one level is indented by. */
  readonly unit: string
  /** In front of the lines of what is laid out. */
  readonly indent: string
  /** All on one line; then `gap` stands behind colons and commas. */
  readonly isOneLine: boolean
  readonly gap: string
}

/** Longer lists get a line for each element. */
const LONGEST_LIST = 80
const BLANKS_AND_COMMENTS = /(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y
/** What is left of a line: comments, and its end. In a comment is no end of one, or many could be read in too many ways. */
const REST_OF_LINE = /[ \t]*(?:\/\*(?:[^*\r\n]|\*(?!\/))*\*\/[ \t]*)*(?:\/\/[^\r\n]*)?\r?\n/y

/** The text of a new file. */
export function wholeText(text: string, value: unknown): string {
  const eol = lineEnd(text)
  const layout = { eol, unit: '  ', indent: '', isOneLine: false, gap: ' ' }
  // Blanks at the end of a comment are a part of it.
  const end = text.trimEnd().length
  const [blanks = ''] = text.slice(end).split(/[\r\n]/, 1)
  const head = text.slice(0, end === 0 ? 0 : end + blanks.length)
  return `${head === '' ? '' : head + eol}${written(value, layout)}${eol}`
}

/** `box`: an object or array of the text whose root is `root`; the member becomes its last. */
export function withMember(text: string, root: Node, box: Node, member: Member): string {
  const close = box.offset + box.length - 1
  const end = box.offset + 1 + text.slice(box.offset + 1, close).trimEnd().length
  const closing = closingIndent(text, box)
  const layout = layoutIn(text, root, box)
  const content = writtenMember(member, layout)
  const last = box.children?.at(-1)
  if (last === undefined) {
    const [before, after] = layout.isOneLine
      ? [layout.gap, layout.gap]
      : [layout.eol + layout.indent, layout.eol + closing]
    return text.slice(0, end) + before + content + after + text.slice(close)
  }
  const lastEnd = last.offset + last.length
  const hasComma = text[afterBlanks(text, lastEnd)] === ','
  const before = layout.isOneLine ? layout.gap : layout.eol + layout.indent
  return (
    text.slice(0, lastEnd) +
    (hasComma ? '' : ',') +
    text.slice(lastEnd, end) +
    before +
    content +
    (hasComma ? ',' : '') +
    text.slice(end)
  )
}

/** `member`: an element of an array, or the property of an object. */
export function withValue(text: string, root: Node, box: Node, member: Node, value: unknown): string {
  const node = member.type === 'property' ? (member.children?.[1] ?? member) : member
  const layout = { ...layoutIn(text, root, box), indent: indentAt(text, member.offset) }
  return text.slice(0, node.offset) + written(value, layout) + text.slice(node.offset + node.length)
}

export function withoutMember(text: string, box: Node, member: Node): string {
  const members = box.children ?? []
  const index = members.indexOf(member)
  const isLast = index === members.length - 1
  const previous = members[index - 1]
  const end = member.offset + member.length
  const commaAt = afterBlanks(text, end)
  const hasComma = text[commaAt] === ','
  const ownEnd = hasComma ? commaAt + 1 : end
  const close = box.offset + box.length - 1
  const around = text.slice(box.offset + 1, member.offset) + text.slice(ownEnd, close)
  if (members.length === 1 && around.trim() === '') return text.slice(0, box.offset + 1) + text.slice(close)
  const since = previous === undefined ? box.offset + 1 : previous.offset + previous.length
  const [from, to] = cutAround(text, { since, start: member.offset, end: ownEnd, isLast })
  if (!isLast || hasComma || previous === undefined) return text.slice(0, from) + text.slice(to)
  // What is last now had its comma only for the sake of this one.
  const before = afterBlanks(text, previous.offset + previous.length)
  return text.slice(0, before) + text.slice(before + 1, from) + text.slice(to)
}

interface Cut {
  /** Where what stands in front of it ends: the member before, or the opening bracket. */
  readonly since: number
  readonly start: number
  /** With its comma. */
  readonly end: number
  readonly isLast: boolean
}

/** Whole lines, with a comment behind it, where it has them for itself; comments above it stay. */
function cutAround(text: string, { since, start, end, isLast }: Cut): [number, number] {
  const line = lineStart(text, start)
  const lineEnds = matchEnd(REST_OF_LINE, text, end)
  const isAlone = line > since && text.slice(line, start).trim() === ''
  if (isAlone && lineEnds !== undefined) return [line, lineEnds]
  if (!isLast) return [start, matchEnd(/[ \t]*/y, text, end) ?? end]
  // Behind a comment to the end of its line a bracket would be part of it.
  const isBehindComment = text.slice(since, start).includes('//')
  return [isBehindComment ? start : text.slice(0, start).trimEnd().length, end]
}

function layoutIn(text: string, root: Node, box: Node): Layout {
  const unit = unitOf(text, root)
  const last = box.children?.at(-1)
  const whole = last === undefined ? root : box
  const isOneLine =
    whole.children?.length !== 0 && !text.slice(whole.offset, whole.offset + whole.length).includes('\n')
  const gap = /^[^:]*:\S/.test(text.slice(root.offset)) ? '' : ' '
  const starts = last !== undefined && startsLine(text, last.offset)
  const indent = starts ? indentAt(text, last.offset) : closingIndent(text, box) + unit
  return { eol: lineEnd(text), unit, indent, isOneLine, gap }
}

function unitOf(text: string, root: Node): string {
  const first = root.children?.find(({ offset }) => startsLine(text, offset))
  if (first === undefined) return '  '
  const own = indentAt(text, root.offset)
  const unit = indentAt(text, first.offset).slice(own.length)
  return unit === '' ? '  ' : unit
}

function closingIndent(text: string, box: Node): string {
  const close = box.offset + box.length - 1
  return indentAt(text, startsLine(text, close) ? close : box.offset)
}

function startsLine(text: string, offset: number): boolean {
  const line = lineStart(text, offset)
  return line > 0 && text.slice(line, offset).trim() === ''
}

/** What the line of that place begins with. */
function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? ''
}

function afterBlanks(text: string, at: number): number {
  return matchEnd(BLANKS_AND_COMMENTS, text, at) ?? at
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

function writtenMember({ key, value }: Member, layout: Layout): string {
  const name = key === undefined ? '' : `${JSON.stringify(key)}:${layout.isOneLine ? layout.gap : ' '}`
  return name + written(value, layout)
}

function written(value: unknown, layout: Layout): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const { eol, unit, indent, isOneLine, gap } = layout
  const isList = Array.isArray(value)
  const inner = { ...layout, indent: indent + unit }
  const members: Member[] = isList
    ? value.map((element: unknown) => ({ value: element }))
    : Object.entries(value)
        .filter(([, element]) => element !== undefined)
        .map(([key, element]) => ({ key, value: element }))
  const [open, close] = isList ? '[]' : '{}'
  if (members.length === 0) return `${open}${close}`
  const parts = members.map((member) => writtenMember(member, inner))
  const flat = `[${parts.join(`,${isOneLine ? gap : ' '}`)}]`
  const isShort =
    isList && flat.length <= LONGEST_LIST && value.every((element) => typeof element !== 'object')
  if (isShort || (isOneLine && isList)) return flat
  if (isOneLine) return `{${gap}${parts.join(`,${gap}`)}${gap}}`
  return `${open}${eol}${parts.map((part) => inner.indent + part).join(`,${eol}`)}${eol}${indent}${close}`
}
