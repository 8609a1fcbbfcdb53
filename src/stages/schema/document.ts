// What `$ref` names within one schema: JSON pointers (RFC 6901, percent-encoded in a URI fragment), `#`, and the anchors and
// ids of definitions. Nothing is fetched: what lies elsewhere is not known. JSON Schema 2020-12 8.2; pure.
import { isArray, isObject, type Json } from './json.ts'

/** Several for each schema that is written, of which there are fewer still. */
const MOST_READS = 30_000

export interface Target {
  /** The same for each way to write it. */
  readonly pointer: string
  readonly schema: Json
}

export interface Document {
  /** How many more parts are read: references may make endless work of a few lines. */
  readonly left: { reads: number }
  readonly root: Json
  /** Undefined if it lies elsewhere, or nowhere. */
  resolve(ref: string): Target | undefined
}

export function createDocument(root: Json): Document {
  const known = new Map<string, Target | undefined>()
  let named: ReadonlyMap<string, Target> | undefined
  const base = isObject(root) ? root.get('$id') : undefined

  function find(ref: string): Target | undefined {
    const hash = ref.indexOf('#')
    const file = hash < 0 ? ref : ref.slice(0, hash)
    const fragment = hash < 0 ? '' : unescaped(ref.slice(hash + 1))
    if (file !== '' && file !== base) return definitionNamed(file)
    if (fragment === '') return { pointer: '#', schema: root }
    return fragment.startsWith('/') ? at(fragment) : definitionNamed(fragment)
  }

  function at(pointer: string): Target | undefined {
    let schema: Json | undefined = root
    for (const step of pointer.slice(1).split('/')) {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
      schema = isObject(schema) ? schema.get(name) : isArray(schema) ? schema[Number(name)] : undefined
    }
    return schema === undefined ? undefined : { pointer: `#${pointer}`, schema }
  }

  function definitionNamed(name: string): Target | undefined {
    named ??= new Map(definitions(root).flatMap(namesOf))
    return named.get(name)
  }

  return {
    left: { reads: MOST_READS },
    root,
    resolve(ref) {
      if (!known.has(ref)) known.set(ref, find(ref))
      return known.get(ref)
    },
  }
}

function definitions(root: Json): Target[] {
  return ['$defs', 'definitions'].flatMap((place) => {
    const found = isObject(root) ? root.get(place) : undefined
    if (!isObject(found)) return []
    return [...found].map(([name, schema]) => {
      const step = name.replaceAll('~', '~0').replaceAll('/', '~1')
      return { pointer: `#/${place}/${step}`, schema }
    })
  })
}

function namesOf(target: Target): [string, Target][] {
  const { schema } = target
  if (!isObject(schema)) return []
  return ['$anchor', '$dynamicAnchor', '$id', 'id'].flatMap((keyword): [string, Target][] => {
    const name = schema.get(keyword)
    return typeof name === 'string' ? [[name.replace(/^#/, ''), target]] : []
  })
}

/** A fragment that is no valid percent-encoding is taken as it is. */
function unescaped(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}
