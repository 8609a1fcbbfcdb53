// The error codes by which the eras differ, and those of JSON-RPC that stand in for them in the other one. protocol.md D.5, E.4;
// 25/RES Error Handling; 26/B. What the bridge says of itself: message/message.ts.

export const ERA_CODE = {
  methodNotFound: -32601,
  invalidParams: -32602,
  /** Legacy: a resource is not there, which the modern era calls invalid params. */
  resourceNotFound: -32002,
  /** Legacy: a person must visit a page first (E.6). */
  urlElicitationRequired: -32042,
  /** Modern, as are the next two: the headers and the body of a request do not say the same. */
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const
