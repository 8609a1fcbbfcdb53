// Types of picture.mjs, for the tests.
import type { Found } from './page.mjs'

export declare function picture(found: Found): string
