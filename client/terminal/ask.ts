/** Somebody at the terminal is asked to say yes or no. */
import { createInterface } from 'node:readline/promises'

/** Asks, and takes anything but yes for a no. Where there is no terminal to ask on, the answer is no. */
export async function isWanted(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim())
  } finally {
    asking.close()
  }
}
