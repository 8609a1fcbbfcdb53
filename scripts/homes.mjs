// Where each module of ours is at home when the files of dist are built. What the hot file has, a lazy sibling takes from
// there, and what several siblings need, from a shared file (SHARED in siblings.mjs): little is in the package twice, and
// a sibling loads faster. What one file gives to another has names of a letter or two, as within a minified file.
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const LISTS = /(?:^|\n)(?:import|export) \{([^}]*)\} from '([^']*)'/g
const DEFAULTS = /(?:^|\n)import (\w+) from '([^']*)'/g
const OWN = /(?:^|\n)export (?:async )?(?:function|const|class) (\w+)/g
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** What a module takes from others: [module, name], where a module is a path, or a package's name. */
function takenBy(path) {
  const code = readFileSync(path, 'utf8')
  const target = (from) => (from.startsWith('.') ? resolve(dirname(path), from) : from)
  const byName = [...code.matchAll(LISTS)].flatMap(([, list, from]) =>
    namesIn(list).map((name) => [target(from), name]),
  )
  const whole = [...code.matchAll(DEFAULTS)].map(([, , from]) => [target(from), 'default'])
  return [...byName, ...whole]
}

function namesIn(list) {
  const names = list.split(',').map((each) => each.trim().split(' as ')[0])
  return names.filter((name) => name !== '' && !name.startsWith('type '))
}

/** What a lazy sibling exports; it is loaded for that by its name. */
export function exportedBy(path) {
  const code = readFileSync(path, 'utf8')
  const lists = [...code.matchAll(LISTS)].filter(([whole]) => whole.trim().startsWith('export'))
  const names = [
    ...[...code.matchAll(OWN)].map(([, name]) => name),
    ...lists.flatMap(([, list]) => namesIn(list)),
  ]
  return names.map((name) => ({ path, name, letter: name }))
}

/**
 * Which file gives what: a list of { file, gives: [{ path, name, letter }] }. `contents` says which modules would be in each
 * file if nothing were shared. The hot file gives only what it has in any case, for more would make it larger.
 */
export function findHomes({ root, contents, hot, shared }) {
  const inHot = contents.get(hot)
  const usedInHot = new Set([...inHot].flatMap(takenBy).map(String))
  const isInHot = (path, name) => inHot.has(path) && usedInHot.has(String([path, name]))
  const lazy = new Set(
    [...contents.values()].flatMap((modules) => [...modules]).filter((path) => !inHot.has(path)),
  )
  // A set grows while it is gone through: where a name is wanted that the hot file does not use, the module is copied.
  for (const path of lazy)
    for (const [from, name] of takenBy(path)) if (inHot.has(from) && !isInHot(from, name)) lazy.add(from)
  const find = (file, modules, isHere) => {
    const wanted = new Map(
      modules
        .flatMap(takenBy)
        .filter(isHere)
        .map((each) => [String(each), each]),
    )
    const gives = [...wanted.values()].map(([path, name], index) => ({ path, name, letter: short(index) }))
    return { file, gives }
  }
  return [
    find(hot, [...lazy], ([path, name]) => isInHot(path, name)),
    ...shared.map(({ name: file, sources }) => {
      const inside = new Set(
        sources.map((source) => (source.startsWith('src/') ? join(root, source) : source)),
      )
      // The hot file calls what is deferred.
      const others = [...lazy, ...inHot].filter((path) => !inside.has(path))
      return find(file, others, ([path, name]) => inside.has(path) && !isInHot(path, name))
    }),
  ]
}

function short(index) {
  const rest = Math.floor(index / LETTERS.length)
  return (rest === 0 ? '' : short(rest - 1)) + LETTERS[index % LETTERS.length]
}

/** The source that a file begins with which gives to others. */
export function entryOf(gives, module = 'module') {
  const lines = gives.map(
    ({ path, name }, index) => `import { ${name} as given${index} } from ${JSON.stringify(path)}`,
  )
  const pairs = gives.map(({ letter }, index) => `${letter}: given${index}`)
  return `${lines.join('\n')}\n${module}.exports = { ${pairs.join(', ')} }\n`
}

/** For a file that takes from others what is at home there. */
export function takeFrom(homes, own) {
  const [hot] = homes
  const others = homes.filter(({ file }) => file !== own)
  const places = new Map()
  for (const { file, gives } of others)
    for (const give of gives) places.set(give.path, [...(places.get(give.path) ?? []), { file, ...give }])
  return {
    name: 'take-from',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^given:/ }, ({ path }) => ({ path, namespace: 'given', sideEffects: false }))
      onResolve({ filter: /./ }, ({ kind, path, resolveDir, namespace }) => {
        if (namespace === 'elsewhere') return { path, sideEffects: false }
        const target = path.startsWith('.') ? resolve(resolveDir, path) : path
        if (kind !== 'import-statement' || !places.has(target)) return undefined
        return { path: target, namespace: 'elsewhere', sideEffects: false }
      })
      onLoad({ filter: /./, namespace: 'given' }, ({ path }) => {
        const file = path.slice('given:'.length)
        const letters = others.find((other) => other.file === file).gives.map(({ letter }) => letter)
        return { contents: `export { ${letters.join(', ')} } from './${file}.cjs'` }
      })
      onLoad({ filter: /./, namespace: 'elsewhere' }, ({ path }) => {
        const given = places
          .get(path)
          .map(({ file, name, letter }) => `export { ${letter} as ${name} } from 'given:${file}'`)
        const isWhole = places.get(path).some(({ file }) => file !== hot.file)
        const copy = isWhole ? '' : `export * from ${JSON.stringify(path)}`
        return { contents: [...given, copy].join('\n') }
      })
    },
  }
}

/**
 * For the hot file: in the stead of a deferred module stands, for each of its functions, one that loads the file with the
 * module at its first call. Until it is known what each file gives, the functions go by their own names.
 */
export function deferCalls(root, deferred, homes = []) {
  const fileOf = new Map(
    deferred.flatMap(({ name, sources }) => sources.map((source) => [join(root, source), name])),
  )
  return {
    name: 'defer-calls',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const target = resolve(resolveDir, path)
        if (kind !== 'import-statement' || !fileOf.has(target)) return undefined
        return { path: target, namespace: 'deferred', sideEffects: false }
      })
      onResolve({ filter: /^loaded:/ }, ({ path }) => ({ path, namespace: 'loaded', sideEffects: false }))
      onLoad({ filter: /./, namespace: 'loaded' }, ({ path }) => {
        const file = path.slice('loaded:'.length)
        return { contents: `let file; export const load = () => (file ??= require('./${file}.cjs'))` }
      })
      onLoad({ filter: /./, namespace: 'deferred' }, ({ path }) => {
        const file = fileOf.get(path)
        const gives = homes.find((home) => home.file === file)?.gives ?? exportedBy(path)
        const functions = gives.filter((give) => give.path === path && isFunction(path, give.name))
        const stubs = functions.map(
          ({ name, letter }) => `export const ${name} = (...all) => load().${letter}(...all)`,
        )
        return { contents: [`import { load } from 'loaded:${file}'`, ...stubs].join('\n') }
      })
    },
  }
}

function isFunction(path, name) {
  return new RegExp(`(?:^|\\n)export (?:async )?function ${name}\\b`).test(readFileSync(path, 'utf8'))
}
