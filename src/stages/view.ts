// What the host gets to see of the remote, as decisions: of an element of a list, and of a name. users.md 18.
import type { Span } from '../message/peek.ts'
import { membersOf } from '../message/rewrite.ts'
import { textAt } from '../message/utf8.ts'
import type { FilterOptions } from '../options/shaping.ts'
import type { Catalogue } from './catalogue.ts'
import { textIn } from './members.ts'
import { type Sieve, sieveNames, sieveUris } from './sieve.ts'
import type { Kind, List } from './subjects.ts'

export interface View {
  readonly sieves: Readonly<Record<Kind, Sieve | undefined>>
  /** Whether anything of this kind may be hidden. */
  covers(kind: Kind): boolean
  /** By the patterns alone. */
  isShown(kind: Kind, name: string): boolean
  isElementShown(list: List, bytes: Uint8Array, element: Span): boolean
  /** Whether the remote's tool may be called, as far as --read-only says; once the tools are known. */
  isReadOnly(tool: string): boolean
}

export function createView({ isReadOnly, ...patterns }: FilterOptions, catalogue: Catalogue): View {
  const sieves = {
    tools: sieveNames(patterns.tools),
    prompts: sieveNames(patterns.prompts),
    resources: sieveUris(patterns.resources),
  }
  const isShown: View['isShown'] = (kind, name) => sieves[kind]?.isShown(name) !== false
  return {
    sieves,
    covers: (kind) => sieves[kind] !== undefined || (kind === 'tools' && isReadOnly === true),
    isShown,
    isElementShown({ kind, key }, bytes, element) {
      const name = textIn(bytes, element, key)
      if (name.kind !== 'text' || !isShown(kind, name.text)) return false
      return kind !== 'tools' || isReadOnly !== true || saysItReads(bytes, element)
    },
    isReadOnly(tool) {
      const bytes = catalogue.tool(tool)
      if (bytes === undefined || catalogue.isTwice(tool)) return false
      return saysItReads(bytes, { start: 0, end: bytes.length })
    },
  }
}

/** Whether readOnlyHint is true and nothing else, wherever it stands. */
export function saysItReads(bytes: Uint8Array, tool: Span): boolean {
  const all = membersOf(bytes, tool).filter(({ name }) => name === 'annotations')
  const isTrue = ({ value }: { readonly value: Span }): boolean => {
    const hints = membersOf(bytes, value).filter(({ name }) => name === 'readOnlyHint')
    return hints.length > 0 && hints.every((hint) => textAt(bytes, hint.value) === 'true')
  }
  return all.length > 0 && all.every(isTrue)
}
