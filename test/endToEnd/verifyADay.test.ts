/** `verify` must find one changed byte anywhere, and name its file. */
import { appendFile, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layout } from '../../engine/storage/layout.js'
import { verifyDate } from '../../engine/storage/verify.js'
import { DATE, Installation } from '../setup/installation.js'

let here: Installation
let folder: string
const REF = { pipeline: 'churn', date: DATE, attempt: 'a001' }

beforeAll(async () => {
  here = await Installation.make()
  await here.define("notify: {}, anomalies: [{ ...churn.anomalies[0], below: 0.01, above: 0.5, action: 'hold' }]")
  await here.deliver(DATE, 'anomalous')
  await here.runLocally()
  folder = layout.attempt(here.settings.home, REF)
  expect((await here.command('approve', 'churn', '--date', DATE, '--reason', 'fine')).code).toBe(0)
})
afterAll(() => here.remove())

const differences = async () => {
  const { attempts, differences: about } = await verifyDate(here.settings.home, 'churn', DATE)
  return [...attempts.flatMap((attempt) => attempt.differences), ...about]
}

/** Changes a file, looks, and puts it back. */
async function changed(path: string, change: (bytes: Buffer) => Buffer): Promise<readonly string[]> {
  const bytes = await readFile(path)
  await writeFile(path, change(Buffer.from(bytes)))
  try {
    return await differences()
  } finally {
    await writeFile(path, bytes)
  }
}

const flip = (at: (bytes: Buffer) => number) => (bytes: Buffer) => {
  const index = at(bytes)
  bytes[index] = bytes[index]! ^ 1
  return bytes
}

describe('verify', () => {
  test('finds all as it was recorded, and says what it looked at', async () => {
    const result = await here.command('verify', 'churn', '--date', DATE, '--json')
    expect(result.code).toBe(0)
    expect(JSON.parse(result.stdout)).toMatchObject({
      verified: true,
      publications: 1,
      attempts: [{ attempt: 'a001', files: 7, events: 3 }],
    })
    expect((await here.command('verify', 'churn', '--date', DATE)).stdout).toContain('everything is as it was recorded')
  })

  test.each(['attempt.json', 'predictions.csv', 'rejects.csv', 'validation.json', 'metrics.json', 'manifest.json', 'decision.json'])(
    'one bit of %s, first, middle or last byte',
    async (name) => {
      for (const at of [() => 0, (bytes: Buffer) => bytes.length >> 1, (bytes: Buffer) => bytes.length - 1]) {
        const bytes = await readFile(join(folder, name))
        await writeFile(join(folder, name), flip(at)(Buffer.from(bytes)))
        const result = await here.command('verify', 'churn', '--date', DATE)
        await writeFile(join(folder, name), bytes)
        expect(result.code, `${name}: ${result.stdout}${result.stderr}`).toBe(1)
        expect(`${result.stdout}${result.stderr}`).toContain(name)
      }
    },
    60_000,
  )

  test('the events, byte by byte, and a line taken out: all but the last one, which nothing follows', async () => {
    const path = join(folder, 'events.jsonl')
    const bytes = await readFile(path)
    for (let at = 0; at < bytes.lastIndexOf(10, bytes.length - 2); at += 7) {
      const found = await changed(
        path,
        flip(() => at),
      )
      expect(found, `byte ${at} of ${bytes.length}`).not.toEqual([])
    }
    const lines = bytes.toString().trimEnd().split('\n')
    for (let out = 0; out < lines.length - 1; out += 1) {
      const without = lines.filter((_, index) => index !== out).join('\n')
      expect(await changed(path, () => Buffer.from(`${without}\n`))).not.toEqual([])
    }
  }, 60_000)

  test('a file that is gone, one that is new, and a row that is not accounted for', async () => {
    const rejects = join(folder, 'rejects.csv')
    const bytes = await readFile(rejects)
    await rm(rejects)
    expect(await differences()).toEqual(['rejects.csv is missing'])
    await writeFile(rejects, bytes)
    const found = await changed(join(folder, 'predictions.csv'), (all) => all.subarray(0, all.lastIndexOf(10, all.length - 2) + 1))
    expect(found).toContain('predictions have 4999 rows, 5000 were predicted')
  })

  test('a publication that was changed, and a door that leads elsewhere', async () => {
    const record = join(layout.publications(here.settings.home, 'churn', DATE), '0001.json')
    const swapped = (bytes: Buffer) => Buffer.from(bytes.toString().replace(/"manifest": "./, '"manifest": "x'))
    expect(await changed(record, swapped)).toEqual(['publication 1 was of another manifest than a001 has'])
    const door = layout.published(here.settings.home, 'churn', DATE)
    await rm(door)
    expect(await differences()).toEqual([`churn/published/${DATE} is missing`])
    await symlink('../attempts', door)
    expect(await differences()).toEqual([`churn/published/${DATE} does not lead to a001`])
    await rm(door)
    // Whoever opens the date mends the door.
    await here.runLocally()
    expect(await differences()).toEqual([])
  })

  test('of a date or attempt that is not there says what there is', async () => {
    expect(await here.command('verify', 'churn', '--date', '2026-01-01')).toMatchObject({ code: 2 })
    expect(await here.command('verify', 'churn', '--date', DATE, '--attempt', 'a009')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is a001'),
    })
    await appendFile(join(folder, 'report.html'), 'a view may change')
    expect(await differences()).toEqual([])
  })
})
