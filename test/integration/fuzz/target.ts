// What is fuzzed: a parser at a boundary, texts to begin with, and what has to be true of it whatever it is given.
import type { Chance } from './chance.ts'

export interface Target {
  readonly name: string
  /** How many cases the short run has, which all targets share some seconds of. */
  readonly few: number
  /** Texts that mean something to the parser, whole. */
  readonly seeds: readonly string[]
  /** Pieces that mean something to it. */
  readonly tokens: readonly string[]
  /** A text that is right, or nearly. */
  make(chance: Chance): string
  /** Throws where the parser does what it must not. Goes by the text alone, so that a shorter one can be looked for. */
  check(text: string): void | Promise<void>
  /** The parser alone, for its time; left out where more than linear time is meant. Never throws. */
  parse?(text: string): unknown
}

/**
 * The bytes that a text stands for: UTF-8, but that a lone U+DC80 to U+DCFF is the byte 80 to FF, so that any bytes can be written
 * as a text, which vectors and sentences can hold.
 */
export function bytesOf(text: string): Uint8Array {
  // With `u`, half of a pair is none of them.
  const parts = text.split(/([\udc80-\udcff]+)/u)
  if (parts.length === 1) return encoder.encode(text)
  const lone = (part: string): Uint8Array => Uint8Array.from(part, (one) => one.charCodeAt(0) - 0xdc00)
  return new Uint8Array(
    Buffer.concat(parts.map((part, at) => (at % 2 === 1 ? lone(part) : encoder.encode(part)))),
  )
}

/** As every reader decodes them. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A number that a text always has, for what a check has to choose. */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The bytes in pieces: one by one, in two at each of a few places, and cut anywhere. */
export function* cutsOf(bytes: Uint8Array, chance: Chance): Generator<readonly Uint8Array[]> {
  yield [...bytes.keys()].map((at) => bytes.slice(at, at + 1))
  for (let times = 0; times < 3; times++) {
    const at = chance.number(bytes.length + 1)
    yield [bytes.slice(0, at), bytes.slice(at)]
  }
  const pieces: Uint8Array[] = []
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + chance.number(9))
    pieces.push(bytes.slice(from, to))
    from = to
  }
  yield pieces
}
