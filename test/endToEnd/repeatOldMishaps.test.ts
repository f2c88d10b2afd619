/** On these days the DAG that Daybreak replaces went wrong. Killed workers, servers and broken channels have tests of their own. */
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readEvents } from '../../engine/storage/events.js'
import { layout } from '../../engine/storage/layout.js'
import { DATE, install } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.concurrent('a day', () => {
  test.for([
    ['between two rows', (bytes: Buffer) => bytes.indexOf('\n', bytes.length / 2) + 1],
    ['inside a row', (bytes: Buffer) => bytes.indexOf('\n', bytes.length / 2) + 9],
  ] as const)('whose file is half there, cut %s, waits for the rest of it', MINUTE, async ([, cutOf], context) => {
    const here = await install(context, "notify: {}, input: { ...churn.input, arrival: { poll: '300ms', timeout: '20s', settle: '3s' } }")
    await here.deliver()
    const whole = await readFile(here.inputPath())
    const cut = cutOf(whole)
    await rm(here.inputPath())
    await here.startWorker()
    const ending = here.run()
    await here.untilStep('findInput')
    await writeFile(here.inputPath(), whole.subarray(0, cut))
    await pause(1500)
    await appendFile(here.inputPath(), whole.subarray(cut))
    expect(await ending).toMatchObject({ verdict: 'pass', accounts: { read: 5000, predicted: 5000, rejected: 0 } })
    expect((await here.manifest())?.input).toMatchObject({ bytes: whole.length })
  })

  test('with one text among the incomes costs that row, by line and column, and no retry', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    const lines = (await readFile(here.inputPath(), 'utf8')).split('\n')
    lines[41] = lines[41]!.replace(/^([^,]*,[^,]*),[^,]*/, '$1,plenty')
    await writeFile(here.inputPath(), lines.join('\n'))
    await here.startWorker()
    expect(await here.run()).toMatchObject({ published: true, attempt: 'a001', accounts: { read: 5000, predicted: 4999, rejected: 1 } })
    const rejects = await readFile(`${layout.published(here.settings.home, 'churn', DATE)}/rejects.csv`, 'utf8')
    expect(rejects.split('\n')[1]).toMatch(/^42,.*income.*plenty/)
  })

  test('asked for twice at once, and again a second later, is scored once and told once', MINUTE, async (context) => {
    const here = await install(context, "notify: { success: [{ channel: 'email' }] }")
    await here.deliver()
    await here.startWorker()
    const words = ['run', 'churn', '--date', DATE, '--json']
    const atOnce = [here.command(...words), here.command(...words)]
    await pause(1000)
    const all = await Promise.all([...atOnce, here.command(...words)])
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0])
    // The last one joins the run, or finds it done.
    for (const { stdout } of all) {
      const { attempt, published, alreadyPublished } = JSON.parse(stdout)
      expect([attempt, published !== alreadyPublished]).toEqual(['a001', true])
    }
    expect(await here.attempts()).toEqual(['a001'])
    const told = (await readEvents(here.settings.home, { pipeline: 'churn', date: DATE, attempt: 'a001' })).filter(({ channel }) => channel)
    expect(told).toHaveLength(1)
  })

  test('without a date is refused before anything runs, saying what is missing', MINUTE, async (context) => {
    const here = await install(context)
    const result = await here.command('run', 'churn')
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('--date') })
  })
})
