// What the flags of the network, and of what the editor sees, are for: for `--help` and the README.
import type { FlagGroup } from './flag-help.ts'
import type { FlagName } from './flag-table.ts'

export const FURTHER_HELP = {
  '--proxy': [
    'Network',
    'reach the remote, and what signs in, by this proxy, http:// or https://, whatever HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say; this machine is never reached by a proxy',
  ],
  '--no-proxy': ['Network', 'use no proxy, whatever the environment says'],
  '--ca': [
    'Network',
    'trust the certificate authorities in this PEM file, besides those that Node and the system know; in the variable: one path per line',
  ],
  '--cert': ['Network', 'the certificate that the remote knows us by (mTLS), PEM'],
  '--key': ['Network', 'the private key of --cert, PEM'],
  '--pfx': ['Network', 'certificate and key in one PKCS#12 file, instead of --cert and --key'],
  '--passphrase-env': [
    'Network',
    'the passphrase of --key or --pfx is what the environment variable VAR holds',
  ],
  '--insecure': [
    'Network',
    "do not check the remote's certificate: whoever stands in between can read and change everything; never holds for signing in",
  ],
  '--ipv4': ['Network', 'connect over IPv4 only'],
  '--ipv6': ['Network', 'connect over IPv6 only'],
  '--allow-tool': [
    'What the editor sees',
    "show the tools that this glob fits, by the remote's names of them, with * and ?, and hide all others; several with commas between them",
  ],
  '--deny-tool': ['What the editor sees', 'hide the tools that this glob fits; it beats --allow-tool'],
  '--allow-prompt': ['What the editor sees', 'the same as --allow-tool for prompts'],
  '--deny-prompt': ['What the editor sees', 'the same as --deny-tool for prompts'],
  '--allow-resource': ['What the editor sees', 'the same as --allow-tool for resources, by their URI'],
  '--deny-resource': ['What the editor sees', 'the same as --deny-tool for resources, by their URI'],
  '--read-only': [
    'What the editor sees',
    'hide the tools that do not say of themselves that they only read (readOnlyHint)',
  ],
  '--tool-prefix': [
    'What the editor sees',
    'put this in front of the name of each tool that --rename does not name',
  ],
  '--prompt-prefix': ['What the editor sees', 'the same for prompts'],
  '--rename': [
    'What the editor sees',
    'show the tool old as exactly new, without --tool-prefix, and old leads nowhere; several with commas between them, in the variable also one per line',
  ],
  '--rename-prompt': ['What the editor sees', 'the same for prompts'],
  '--max-tool-name': [
    'What the editor sees',
    'shorten longer names of tools to so many characters: they end in _ and six digits, which are the same at each start',
  ],
  '--describe': [
    'What the editor sees',
    "show this description of the tool (by the remote's name of it) instead of its own, or none if the text is empty; in the variable: one per line, in which \\n is no line end",
  ],
  '--set': [
    'What the editor sees',
    "always call the tool (by the remote's name of it) with this value of the argument, which the editor does not see; text, or JSON where the argument's schema asks for it or says nothing; ${VAR} is filled in; in the variable: one per line",
  ],
  '--schema-compat': [
    'What the editor sees',
    'rewrite the schemas of tools so that the models of gemini, openai (or openai in strict mode: strict) take them; calls are passed on as they are',
  ],
} as const satisfies Partial<Readonly<Record<FlagName, readonly [FlagGroup, string]>>>
