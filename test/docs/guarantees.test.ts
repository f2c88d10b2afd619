import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const GUARANTEES = fileURLToPath(new URL('../../../docs/guarantees.md', import.meta.url))

test('every guarantee names the tests that would fail without it, by their paths', async () => {
  const [, ...sections] = (await readFile(GUARANTEES, 'utf8')).split(/^## /m)
  const untested = sections.filter((section) => !/`test\/[\w/]+\.test\.ts`/.test(section)).map((section) => section.split('\n')[0])
  expect(sections.length).toBeGreaterThan(8)
  expect(untested).toEqual([])
  // Of a short name nobody knows where to look.
  const named = sections.flatMap((section) => [...section.matchAll(/^(?:.*\b)?Tests:.*$/gm)].map(([line]) => line))
  expect(named.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).filter((name) => /^\w+$/.test(name!))).toEqual(
    [],
  )
})
