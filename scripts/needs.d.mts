// Types of needs.mjs, for the tests.
export type Program = 'nginx' | 'squid' | 'zsh' | 'fish'
export declare function programPath(name: Program): string | undefined
export declare function missing(name: Program): string | false
export declare function provide(): void
