// Types of nodes.mjs, for the tests.
export declare const SUPPORTED: readonly string[]
export declare const TOO_OLD: readonly string[]
export declare function nodeBinary(version: string): Promise<string>
export declare function npxScript(version: string): Promise<string>
