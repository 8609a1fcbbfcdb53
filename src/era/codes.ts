// The error codes by which the eras differ. Those of JSON-RPC: message/message.ts. protocol.md D.5, E.4; 25/RES Error Handling; 26/B.

export const ERA_CODE = {
  /** Legacy: a resource is not there, which the modern era calls invalid params. */
  resourceNotFound: -32002,
  /** Legacy: a person must visit a page first (E.6). */
  urlElicitationRequired: -32042,
  /** Modern, as are the next two: the headers and the body of a request do not say the same. */
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const
