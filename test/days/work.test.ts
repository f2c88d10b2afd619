import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type AssembledWork, accountsOf, dropWork, readWork, readWorkIfThere, writeWork } from '../../days/work.js'
import { layout } from '../../engine/storage/layout.js'
import { temporaryFolder } from '../setup/temporaryFolder.js'

const home = temporaryFolder()
const ref = { pipeline: 'churn', date: '2026-03-03', attempt: 'a001' }

test('what a step leaves the next one finds, under the name that earlier versions use too', async () => {
  await writeWork(home.path(), ref, 'opened', { definition: 'f', modelVersion: '1' })
  expect(await readWork(home.path(), ref, 'opened')).toEqual({ definition: 'f', modelVersion: '1' })
  expect(await readdir(layout.work(home.path(), ref))).toEqual(['opened.json'])
})

test('what no step left is missing, or damage where it must be there', async () => {
  expect(await readWorkIfThere(home.path(), ref, 'plan')).toBeUndefined()
  await expect(readWork(home.path(), ref, 'plan')).rejects.toMatchObject({ code: 'StorageDamaged' })
  await writeWork(home.path(), ref, 'hashes', {})
  await dropWork(home.path(), ref, 'hashes')
  await dropWork(home.path(), ref, 'hashes')
  expect(await readWorkIfThere(home.path(), ref, 'hashes')).toBeUndefined()
})

test('the accounts of the records add up', () => {
  const table = { records: 10, predicted: 7, rejected: 3, invalid: 2 } as AssembledWork['table']
  expect(accountsOf(table)).toEqual({ read: 10, predicted: 7, rejected: 3, invalid: 2, errors: 1 })
})
