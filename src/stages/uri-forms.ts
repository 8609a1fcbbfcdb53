// The spellings of a URI that a remote may take for the same: percent-encoded letters, paths with `..` in them, line ends within. Who
// allows file:///public/* does not mean file:///public/../secret. RFC 3986 6.2.2.

/** A remote that decodes more often is not one that anybody has. */
const MOST_DECODINGS = 3
const DOTS = /(^|[/\\])\.{1,2}([/\\?#]|$)/

/** The URI as it is written, and all that it may be read as. */
export function formsOf(uri: string): readonly string[] {
  // Parsers after WHATWG's URL leave these characters out, wherever they stand.
  let text = uri.replace(/[\t\n\r]/g, '')
  const forms = new Set([uri, text])
  for (let times = 0; times < MOST_DECODINGS; times++) {
    const decoded = decodePercent(text)
    if (decoded === text) break
    forms.add(decoded)
    text = decoded
  }
  for (const form of [...forms]) if (DOTS.test(form)) forms.add(withoutDots(form))
  return [...forms]
}

/** The same, and what `new URL` makes of it, by which the SDK's servers find a resource: `file:/a` is `file:///a` there. */
export function looseFormsOf(uri: string): readonly string[] {
  const forms = formsOf(uri)
  return URL.canParse(uri) ? [...new Set([...forms, ...formsOf(new URL(uri).href)])] : forms
}

/** Percent-encoded text decoded, where it is UTF-8; anything else stays. */
export function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}

function withoutDots(uri: string): string {
  const [, head = '', path = '', tail = ''] =
    /^([a-z][a-z0-9+.-]*:(?:\/\/[^/\\?#]*)?)?([^?#]*)(.*)$/is.exec(uri) ?? []
  const kept: string[] = []
  const parts = path.split(/[/\\]/)
  const least = parts[0] === '' ? 1 : 0
  parts.forEach((part, at) => {
    const isLast = at === parts.length - 1
    if (part === '..') kept.length = Math.max(least, kept.length - 1)
    else if (part !== '.' && part !== '..') kept.push(part)
    if (isLast && (part === '.' || part === '..')) kept.push('')
  })
  return `${head}${kept.join('/')}${tail}`
}
