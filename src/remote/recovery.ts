// What a start does without and a recovery needs is a file of its own, the deferred ones in scripts/siblings.mjs: this is
// how it comes into memory before it is needed, for the file may be gone then.

/** To be called is all that it is for. */
export function haveRecovery(): void {}
