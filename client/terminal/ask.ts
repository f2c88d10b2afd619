/** A question on the terminal: yes or no. */
import { createInterface } from 'node:readline/promises'

/** The answer; `false` where there is no terminal to ask on. */
export async function isWanted(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim())
  } finally {
    asking.close()
  }
}
