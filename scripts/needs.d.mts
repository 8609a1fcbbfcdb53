// Types of needs.mjs, for the tests.
export declare const MISSING: string
export declare const SQUID_MISSING: string
export declare function nginxBinary(): string | undefined
export declare function squidBinary(): string | undefined
export declare function provide(): void
