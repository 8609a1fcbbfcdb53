// What the options say about the way to the remote, as a value. The readers are in network-options.ts and proxy-options.ts,
// which are loaded only where one of these flags or variables is given. protocol.md 0.6.

/** What a connection is made with, beyond the address. */
export interface NetworkOptions {
  /** --ipv4, --ipv6. */
  readonly family?: 4 | 6
  /** The Unix socket or named pipe of an http+unix URL; `Options.url` then is what is asked for there. */
  readonly socketPath?: string
  readonly tls?: TlsOptions
  /** The proxy that this URL is to be reached by; undefined: directly. */
  readonly proxyFor?: (url: URL) => HttpProxy | undefined
}

export interface TlsOptions {
  /** PEM texts of --ca: certificate authorities that are trusted besides those that Node knows. */
  readonly ca?: readonly string[]
  /** --cert and --key, PEM. */
  readonly cert?: string
  readonly key?: string
  /** --pfx. */
  readonly pfx?: Uint8Array
  /** What the variable of --passphrase-env holds; a secret. */
  readonly passphrase?: string
  /** --insecure. It is never so for what signs in. */
  readonly isInsecure?: boolean
}

export interface HttpProxy {
  /** Without user and password. */
  readonly url: URL
  /** The value of `Proxy-Authorization`; a secret. */
  readonly authorization?: string
  /** Who has said so, for sentences: `HTTPS_PROXY`, `--proxy`. */
  readonly from: string
}
