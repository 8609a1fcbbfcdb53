// Types of distance.mjs, for the tests.
export declare function distant(port: number, roundTripMs: number): Promise<number>
