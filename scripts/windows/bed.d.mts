// Types of bed.mjs, for the tests.
export declare const NODES: Readonly<Record<20 | 22 | 24, string>>
export declare const OLD_NODE: string
export declare function provideWindows(): { readonly bed: string; readonly skip: string | false }
