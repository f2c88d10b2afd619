import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ERRORS } from '../../engine/protocol/errorTable.js'

const reference = fileURLToPath(new URL('../../../docs/errors.md', import.meta.url))
const concepts = fileURLToPath(new URL('../../../docs/concepts.md', import.meta.url))

/** The reference page is written from the table: `npm test -- --update` brings it up to date. */
function errorPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { title, next, exitCode, verdict, retryable }]) =>
      `| \`${code}\` | ${title}. ${next} | ${exitCode} | ${verdict} | ${retryable ? 'yes' : 'no'} |`,
  )
  return [
    '# Errors',
    '',
    'This page lists every failure that a user can meet. It is written from the table that command line, report and messages print from (`engine/protocol/errorTable.ts`).',
    'The verdict is that of a run which meets the failure. How often it is tried again follows `retries` of the definition.',
    '',
    '| code | what happened, what to do | exit code | verdict | retried |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

test('the error reference says what the table says', async () => {
  await expect(errorPage()).toMatchFileSnapshot(reference)
})

test('the drawing of where an error leaves names codes of the table alone', async () => {
  const [, drawing = ''] = (await readFile(concepts, 'utf8')).split('## Where an error leaves')[1]!.split('```')
  const codes = drawing.match(/\b(?:[A-Z][a-z]+){2,}\b/g) ?? []
  expect(codes.length).toBeGreaterThan(15)
  expect(codes.filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([])
})
