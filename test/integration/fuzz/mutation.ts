// Texts made from others: a piece cut out, doubled, moved, exchanged for one of another text, or for one that parsers stumble over.
import type { Chance } from './chance.ts'
import type { Target } from './target.ts'

/** What has been forgotten by somebody before. */
const ODD: readonly string[] = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\x1b[31m',
  '\x7f',
  '\u0085',
  '\u00a0',
  '\u00e9',
  '\u200b',
  '\u2028',
  '\ufeff',
  '\u{1f600}',
  '\ud800',
  // Bytes that are no UTF-8: see bytesOf.
  '\udc80',
  '\udcff',
  '\udcc3',
  '"',
  "'",
  '\\',
  '\\u',
  '%',
  '%00',
  '${',
  '__proto__',
  'constructor',
  'toString',
  '9007199254740993',
  '1e400',
  '-0',
  '',
]

/** A text for the target: one that is right, one that nearly is, or one of pieces thrown together. */
export function textFor(target: Target, chance: Chance): string {
  const kind = chance.number(10)
  if (kind < 3) return target.make(chance)
  if (kind < 8) return mutated(kind < 6 ? target.make(chance) : seedOf(target, chance), target, chance)
  if (kind === 8) return spliced(seedOf(target, chance), target.make(chance), chance)
  return Array.from({ length: chance.number(12) }, () => piece(target, chance)).join('')
}

function seedOf({ seeds, make }: Target, chance: Chance): string {
  return seeds.length === 0 ? make(chance) : chance.pick(seeds)
}

function piece({ tokens }: Target, chance: Chance): string {
  if (chance.percent(60) && tokens.length > 0) return chance.pick(tokens)
  return chance.percent(50) ? chance.pick(ODD) : String.fromCharCode(chance.number(128))
}

function mutated(text: string, target: Target, chance: Chance): string {
  let changed = text
  for (let times = 1 + chance.number(4); times > 0; times--) changed = mutatedOnce(changed, target, chance)
  return changed
}

function mutatedOnce(text: string, target: Target, chance: Chance): string {
  const at = chance.number(text.length + 1)
  const to = Math.min(text.length, at + (chance.percent(70) ? chance.number(4) : chance.number(40)))
  const [before, span, after] = [text.slice(0, at), text.slice(at, to), text.slice(to)]
  switch (chance.number(8)) {
    case 0:
      return before + after
    case 1:
      return before + span + span + after
    case 2:
      return before
    case 3:
      return before + after.slice(0, 3) + span + after.slice(3)
    case 4:
      return before + piece(target, chance) + after
    case 5:
      return spliced(text, seedOf(target, chance), chance)
    default:
      return before + piece(target, chance) + span + after
  }
}

function spliced(text: string, other: string, chance: Chance): string {
  return text.slice(0, chance.number(text.length + 1)) + other.slice(chance.number(other.length + 1))
}
