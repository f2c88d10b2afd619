/**
 * Silence is part of every test: what the product writes into this process, and no test took for itself, makes the test fail. Processes
 * that a test starts may say what they want.
 */
import { afterEach, expect } from 'vitest'

const said: string[] = []

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream)
  stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    said.push(String(chunk))
    return write(chunk, ...rest)
  }) as typeof stream.write
}

afterEach(() => {
  expect(said.splice(0).join(''), 'a test printed something').toBe('')
})
