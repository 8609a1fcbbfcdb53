// What a remote asks for by WWW-Authenticate. RFC 9110 11.6.1; protocol.md G.1 row 1.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Wanted, wantedBy } from '../../../src/auth/challenge.ts'

const META = 'https://h.example/.well-known/oauth-protected-resource'

const VECTORS: readonly (readonly [what: string, headers: readonly string[], wanted: Wanted | undefined])[] =
  [
    ['nothing', [], undefined],
    ['another scheme', ['Basic realm="x"'], undefined],
    ['a scheme alone', ['Bearer'], { scheme: 'bearer' }],
    ['a scheme in any case', ['bEARER scope="a"'], { scheme: 'bearer', scope: 'a' }],
    [
      'all that counts',
      [`Bearer error="invalid_token", resource_metadata="${META}", scope="a b"`],
      { scheme: 'bearer', error: 'invalid_token', resourceMetadata: META, scope: 'a b' },
    ],
    [
      'a comma and a name inside quotes',
      ['Bearer realm="a, scope=evil", scope="good"'],
      { scheme: 'bearer', scope: 'good' },
    ],
    ['a name that ends like another', ['Bearer error_scope="z"'], { scheme: 'bearer' }],
    [
      'quotes inside quotes',
      ['Bearer realm="say \\"scope=\\\\\\"", scope="a\\"b"'],
      { scheme: 'bearer', scope: 'a"b' },
    ],
    [
      'values without quotes',
      ['Bearer scope=a,error=invalid_token'],
      { scheme: 'bearer', scope: 'a', error: 'invalid_token' },
    ],
    ['blanks round the equals sign', ['Bearer scope = "a"'], { scheme: 'bearer', scope: 'a' }],
    [
      'no commas, as some servers write it',
      ['Bearer error="invalid_token" scope="a"'],
      { scheme: 'bearer', error: 'invalid_token', scope: 'a' },
    ],
    [
      'several challenges in a header',
      ['Basic realm="x", Bearer scope="a", Digest nonce="n"'],
      { scheme: 'bearer', scope: 'a' },
    ],
    [
      'several headers',
      ['Negotiate', 'Basic realm="x"', 'Bearer scope="a"'],
      { scheme: 'bearer', scope: 'a' },
    ],
    ['what another scheme says is not ours', ['Basic scope="evil", Bearer realm="x"'], { scheme: 'bearer' }],
    ['a scheme with one value', ['Negotiate YWJj, Bearer scope="a"'], { scheme: 'bearer', scope: 'a' }],
    ['the first of two values', ['Bearer scope="a", scope="evil"'], { scheme: 'bearer', scope: 'a' }],
    ['DPoP alone', ['DPoP algs="ES256"'], { scheme: 'dpop' }],
    ['either will do', ['DPoP algs="ES256", Bearer scope="a"'], { scheme: 'bearer', scope: 'a' }],
    [
      'DPoP that says what is wrong',
      ['Bearer scope="a", DPoP error="use_dpop_nonce"'],
      { scheme: 'dpop', scope: 'a', error: 'use_dpop_nonce' },
    ],
    ['an open quote', ['Bearer scope="a'], { scheme: 'bearer' }],
    ['rubbish', ['=,"\\,,=;;'], undefined],
  ]

for (const [what, headers, wanted] of VECTORS)
  test(`a challenge with ${what}`, () => assert.deepEqual(wantedBy(headers), wanted))
