/** Says which code this is: parts scored by other code are never taken, and the manifest says what scored the day. */
import { readFileSync } from 'node:fs'

let known: string | undefined

/** Hex sha256 over all code that a prediction depends on, and the versions of its packages, as the build found them. */
export function codeFingerprint(): string {
  known ??= readFileSync(new URL('../../code.sha256', import.meta.url), 'utf8')
  return known
}
