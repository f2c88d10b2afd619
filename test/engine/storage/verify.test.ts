import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { switchLink } from '../../../engine/files/fileSystem.js'
import type { AttemptRef } from '../../../engine/protocol/documents/attempt.js'
import { recordDecision } from '../../../engine/storage/holds.js'
import { layout } from '../../../engine/storage/layout.js'
import { publishAttempt } from '../../../engine/storage/publications.js'
import { verifyDate } from '../../../engine/storage/verify.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'
import { date, how, sealed } from './sealedAttempts.js'

const home = temporaryFolder()
const PREDICTIONS = 'id,prediction\n1,0\n2,1\n'
const ACCOUNTS = { read: 3, predicted: 2, rejected: 1 }

async function published(): Promise<AttemptRef> {
  const ref = await sealed(home.path(), '1', PREDICTIONS, { accounts: ACCOUNTS, resultsDigest: 'r' })
  await publishAttempt(home.path(), ref, { seen: 0, ...how })
  return ref
}

const file = (ref: AttemptRef, name: string) => join(layout.attempt(home.path(), ref), name)
const verified = () => verifyDate(home.path(), 'churn', date)

/** All that differs, of attempts and publications. */
async function differences(): Promise<readonly string[]> {
  const { attempts, differences: others } = await verified()
  return [...attempts.flatMap((one) => one.differences), ...others]
}

test('a day as it was sealed and published differs in nothing, and says what was looked at', async () => {
  await published()
  expect(await verified()).toEqual({
    attempts: [{ attempt: 'a001', sealed: true, files: 4, events: 1, resultsDigest: 'r', differences: [] }],
    publications: 1,
    differences: [],
  })
})

test('a byte of a sealed file, of the manifest and of the first event each differ by name', async () => {
  const ref = await published()
  for (const [name, said] of [
    ['predictions.csv', /^predictions.csv is not what was sealed/],
    ['manifest.json', /^manifest.json is not what was sealed/],
    ['events.jsonl', /^events.jsonl line 1 does not follow/],
  ] as const) {
    const whole = await readFile(file(ref, name), 'utf8')
    await writeFile(file(ref, name), name === 'predictions.csv' ? whole.replace('2,1', '2,0') : whole.replace(/[0-9a-f]{8}/, '00000000'))
    expect(await differences(), name).toContainEqual(expect.stringMatching(said))
    await writeFile(file(ref, name), whole)
  }
  expect(await differences()).toEqual([])
})

test('rows that the accounts do not have are told, whatever the hashes say', async () => {
  await sealed(home.path(), '1', `${PREDICTIONS}3,1\n`, { accounts: ACCOUNTS })
  await sealed(home.path(), '2', PREDICTIONS, { accounts: { ...ACCOUNTS, read: 4 } })
  expect(await differences()).toEqual(['predictions have 3 rows, 2 were predicted', '4 rows read are not 2 predicted and 1 rejected'])
})

test('a decision about an attempt that was not held is told', async () => {
  const ref = await published()
  await recordDecision(home.path(), ref, { decision: 'approved', at: how.at, by: 'test', why: 'Fine.' })
  expect(await differences()).toEqual(['decision.json is there, but the attempt was not held'])
})

test('a publication of another manifest, and a door that leads elsewhere or nowhere, are told', async () => {
  const ref = await published()
  await sealed(home.path(), '2', 'two')
  const record = join(layout.publications(home.path(), 'churn', date), '0001.json')
  await writeFile(record, (await readFile(record, 'utf8')).replace(ref.attempt, 'a002'))
  expect(await differences()).toEqual([
    'publication 1 was of another manifest than a002 has',
    `churn/published/${date} does not lead to a002`,
  ])
  await rm(layout.published(home.path(), 'churn', date))
  expect(await differences()).toContain(`churn/published/${date} is missing`)
})

test('a door without any publication is told', async () => {
  await switchLink(layout.published(home.path(), 'churn', date), '../attempts')
  expect(await differences()).toEqual([`churn/published/${date} is there, but nothing was published`])
})

test('an attempt that is not sealed has nothing to be held against, but for its events', async () => {
  const ref = await sealed(home.path(), '1', PREDICTIONS)
  await rm(file(ref, 'manifest.json'))
  await appendFile(file(ref, 'events.jsonl'), '{"at":"","event":"published","previous":"0"}\n')
  expect((await verified()).attempts).toEqual([
    { attempt: 'a001', sealed: false, files: 0, events: 0, differences: ['events.jsonl line 2 does not follow from the line before it'] },
  ])
})
