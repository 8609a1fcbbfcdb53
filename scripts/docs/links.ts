// Whether the links of the docs lead somewhere: to a file, to a heading of it, and, for pages that the package has in it, to
// something that is in the package as well. Addresses on the internet are not asked. Pure.
import { posix } from 'node:path'
import { codeOf, nodeFilesIn } from './code.ts'
import type { Link, Page } from './page.ts'

export interface Tree {
  /** Every file of the repository, from its root, with `/`. */
  readonly files: ReadonlySet<string>
  readonly isPacked: (path: string) => boolean
}

/** What stands there is for those who have the repository. */
const FOR_CLONES = 'From a clone'

export function linkComplaints(pages: readonly Page[], tree: Tree): string[] {
  const byPath = new Map(pages.map((page) => [page.path, page]))
  const complaintOf = (page: Page, { text, under }: Link): string | undefined => {
    if (/^[a-z][a-z+.-]*:/i.test(text)) return URL.canParse(text) ? undefined : 'is no URL'
    const [written = '', anchor] = text.split('#', 2)
    const path = written === '' ? page.path : posix.join(posix.dirname(page.path), decodeURI(written))
    const isFolder = [...tree.files].some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`))
    if (!tree.files.has(path) && !isFolder) return 'leads to no file'
    if (tree.isPacked(page.path) && !tree.isPacked(path) && !under.includes(FOR_CLONES))
      return `leads to what the package has not; put it under "${FOR_CLONES}", or into package.json's files`
    if (anchor === undefined) return undefined
    return byPath.get(path)?.anchors.has(anchor) === true ? undefined : 'leads to no heading or anchor'
  }
  return pages.flatMap((page) =>
    page.links.flatMap((link) => {
      const what = complaintOf(page, link)
      return what === undefined ? [] : [`${page.path}:${link.line}: the link ${link.text} ${what}`]
    }),
  )
}

/** Files that `node …` starts, from the page's folder or from the root. */
export function startedComplaints(pages: readonly Page[], { files }: Tree): string[] {
  return pages.flatMap((page) =>
    codeOf(page).flatMap(({ text, line }) =>
      nodeFilesIn(text)
        .filter((file) => !files.has(file) && !files.has(posix.join(posix.dirname(page.path), file)))
        .map((file) => `${page.path}:${line}: there is no ${file} to start`),
    ),
  )
}

/** Files and folders of the source that a page names between backticks, such as `remote/opening.ts`. */
export function pathComplaints(pages: readonly Page[], { files }: Tree): string[] {
  const all = [...files]
  return pages.flatMap(({ path, spans }) =>
    spans
      .filter(({ text }) => /^(?:[\w-]+\/)*[\w-]+(?:\.test)?\.(?:ts|mjs|cjs)$|^(?:[a-z0-9-]+\/)+$/.test(text))
      .filter(({ text }) => !all.some((file) => `/${file}`.includes(`/${text}`)))
      .map(({ text, line }) => `${path}:${line}: there is no ${text}`),
  )
}
