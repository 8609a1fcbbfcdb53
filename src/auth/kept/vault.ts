// Where the secret part of an account can go instead of its file. The file then holds a note by which the vault finds it.

export interface Vault {
  /** Puts the text away; resolves with the note. Each time a new one: who still reads the old note finds the old text. */
  seal(name: string, text: string): Promise<string>
  /** Undefined if it is not there any more. */
  open(name: string, note: string): Promise<string | undefined>
  /** Forgets what the note stands for; the note of another vault is nothing to it. */
  drop(name: string, note: string): Promise<void>
}
