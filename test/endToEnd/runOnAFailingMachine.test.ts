/** The machine lets us down: its disk is full, rights are lost, a file goes or changes, its clock jumps. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hashFile } from '../../engine/files/fileSystem.js'
import type { DayResult } from '../../engine/protocol/steps.js'
import { layout } from '../../engine/storage/layout.js'
import { verifyDate } from '../../engine/storage/verify.js'
import { type CommandResult, DATE, type Installation, install } from '../setup/installation.js'

const MINUTE = { timeout: 90_000 }

/** Loaded before anything else: whatever is to get this name fails, as the file system would. */
const FAULTS = `
import fs, { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const [code, name] = process.env.FAULT.split(' ')
const fail = (path) => {
  if (String(path).endsWith(name)) throw Object.assign(new Error(code + ': injected'), { code })
}
const { renameSync } = fs
fs.renameSync = (from, to) => (fail(to), renameSync(from, to))
for (const call of ['rename', 'link']) {
  const original = promises[call]
  promises[call] = async (from, to) => (fail(to), await original(from, to))
}
syncBuiltinESMExports()
`

/** When the first part is finished, something happens to the input, before the next one is read. */
const CHANGE = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { CHANGE, INPUT } = process.env
const changes = {
  rm: () => fs.rmSync(INPUT),
  truncate: () => fs.truncateSync(INPUT, 1000),
  replace: () => fs.copyFileSync(INPUT + '.other', INPUT),
  append: () => fs.appendFileSync(INPUT, 'late,30,1000,1,2026-01-01\\n'),
}
const { renameSync } = fs
fs.renameSync = (from, to) => {
  renameSync(from, to)
  if (/part-00000[^/]*$/.test(String(to)) && !fs.existsSync(INPUT + '.done')) {
    fs.writeFileSync(INPUT + '.done', '')
    changes[CHANGE]()
  }
}
syncBuiltinESMExports()
`

/** After some looks at the clock it is another hour. */
const CLOCK = `
const real = Date
let looks = 0
const shifted = () => real.now() + (++looks > 20 ? Number(process.env.SHIFT_MS) : 0)
globalThis.Date = class extends real {
  constructor(...given) {
    if (given.length > 0) super(...given)
    else super(shifted())
  }
  static now() {
    return shifted()
  }
}
`

async function preload(here: Installation, source: string, env: Record<string, string>): Promise<Record<string, string>> {
  const file = join(here.folder, 'preload.mjs')
  await writeFile(file, source)
  return { NODE_OPTIONS: `--import=${file}`, ...env }
}

const LOCAL = ['run', 'churn', '--date', DATE, '--local', '--rerun', '--json']
const resultOf = ({ stdout }: CommandResult) => JSON.parse(stdout) as DayResult
const published = (here: Installation) => hashFile(`${layout.publishedPredictions(here.settings.home, 'churn', DATE)}.csv`)

/** Nothing is left of what went wrong: every sealed file as sealed, no temporary file, and the next run is fine. */
async function expectSound(here: Installation): Promise<void> {
  const next = resultOf(await here.command(...LOCAL))
  expect(next).toMatchObject({ verdict: 'pass', published: true })
  const { attempts, differences } = await verifyDate(here.settings.home, 'churn', DATE)
  expect([...attempts.flatMap((attempt) => attempt.differences), ...differences]).toEqual([])
  expect(attempts.every(({ sealed }) => sealed)).toBe(true)
  const left = (await readdir(here.settings.home, { recursive: true })).filter((path) => /(^|\/)(\.tmp-[^/]*|work)$/.test(path))
  expect(left).toEqual([])
}

describe.concurrent('a disk', () => {
  test.for([
    ['ENOSPC', 'opened.json', 'no space left'],
    ['ENOSPC', 'plan.json', 'no space left'],
    ['ENOSPC', 'part-00000.predictions', 'no space left'],
    ['EROFS', 'predictions.csv', 'read-only'],
    ['EACCES', 'metrics.json', 'permission denied'],
    ['ENOSPC', 'manifest.json', 'no space left'],
    ['ENOSPC', '0002.json', 'no space left'],
    ['EACCES', `published/${DATE}`, 'permission denied'],
  ] as const)(
    'that says %s for %s: a clear error, what was published stays, the next run is fine',
    MINUTE,
    async ([code, name, words], context) => {
      const here = await install(context)
      await here.deliver()
      await here.runLocally()
      const before = await published(here)
      const failed = await here.commandWith(await preload(here, FAULTS, { FAULT: `${code} ${name}` }), ...LOCAL)
      expect(failed.code).toBe(1)
      const said = JSON.parse(failed.stdout) as DayResult & { error?: DayResult['problem'] }
      expect(said.error ?? said.problem).toMatchObject({ code: 'HomeUnusable', message: expect.stringContaining(words) })
      expect(await published(here)).toEqual(before)
      await expectSound(here)
    },
  )

  test('that is full when the report is written leaves the day published', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    const failed = await here.commandWith(await preload(here, FAULTS, { FAULT: 'ENOSPC report.html' }), ...LOCAL)
    expect(failed.code).toBe(1)
    expect(resultOf(failed)).toMatchObject({ published: true, problem: { code: 'HomeUnusable' } })
    expect((await published(here)).bytes).toBeGreaterThan(1000)
    await expectSound(here)
  })
})

describe.concurrent('an input', () => {
  test.for([
    ['goes away', 'rm', /^Input(Unreadable|Changed)$/],
    ['is cut short', 'truncate', /^InputChanged$/],
    ['gets other bytes', 'replace', /^InputChanged$/],
    ['gets more rows', 'append', /^InputChanged$/],
  ] as const)('that %s while it is scored ends the run; nothing of it is published', MINUTE, async ([, change, code], context) => {
    const here = await install(context)
    await here.deliver()
    await here.runLocally()
    const before = await published(here)
    const [header, ...rows] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
    // Some partitions, and one thread: all but the first are read after the change.
    const large = `${[header, ...Array.from({ length: 40 }, () => rows).flat()].join('\n')}\n`
    await writeFile(here.inputPath(), large)
    await writeFile(`${here.inputPath()}.other`, large.replaceAll('1', '2'))
    const env = await preload(here, CHANGE, { CHANGE: change, INPUT: here.inputPath(), DAYBREAK_THREADS: '1' })
    const result = resultOf(await here.commandWith(env, ...LOCAL))
    expect(result).toMatchObject({ published: false, verdict: 'failed', problem: { code: expect.stringMatching(code) } })
    expect(await published(here)).toEqual(before)
    await here.deliver()
    await expectSound(here)
  })
})

describe.concurrent('a clock', () => {
  test.for([3_600_000, -3_600_000])('that jumps by %d ms changes no result', MINUTE, async (shift, context) => {
    const here = await install(context)
    await here.deliver()
    const { resultsDigest } = await here.runElsewhere()
    const result = await here.commandWith(await preload(here, CLOCK, { SHIFT_MS: String(shift) }), ...LOCAL)
    expect(resultOf(result)).toMatchObject({ verdict: 'pass', published: true, resultsDigest })
    await expectSound(here)
  })
})
