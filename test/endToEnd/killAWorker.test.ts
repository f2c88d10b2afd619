/** Workers die at the worst moments: the next one must carry on, and the day must end as if nothing had happened. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { receive } from '../setup/httpReceiver.js'
import { DATE, Installation, install, until, type WorkerProcess } from '../setup/installation.js'

/**
 * Loaded into a worker before anything else: kills the process just before or after a file gets its name. Threads load it too.
 * Whatever writes durably ends in one of these four calls.
 */
const DIES = `
import fs, { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const [when, name] = process.env.DIES.split(' ')
const die = (moment, path) => moment === when && path.endsWith(name) && process.kill(process.pid, 'SIGKILL')
const { renameSync } = fs
fs.renameSync = (from, to) => (die('before', to), renameSync(from, to), die('after', to))
for (const call of ['rename', 'link']) {
  const original = promises[call]
  promises[call] = async (from, to) => (die('before', to), await original(from, to), die('after', to))
}
syncBuiltinESMExports()
`
/** They wait for heartbeats to fail more than they work. */
vi.setConfig({ maxConcurrency: 4 })

const MINUTES = { timeout: 90_000 }
let undisturbed: string | undefined

beforeAll(async () => {
  const here = await Installation.make()
  try {
    await here.define('notify: {}')
    await here.deliver()
    undisturbed = (await here.runElsewhere()).resultsDigest
    expect(undisturbed).toMatch(/^[0-9a-f]{64}$/)
  } finally {
    await here.remove()
  }
})

describe.concurrent('a worker', () => {
  // The longest comes first, so that the others pass beside it.
  test('that dies of a row, like four after it, ends the run naming the step', { timeout: 120_000 }, async (context) => {
    const here = await install(context)
    await here.deliver()
    // Not among the first records of the day, which are looked at before.
    const [last] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n').at(-1)!.split(',')
    await here.define(
      `notify: {}, model: { ...churn.model, golden: undefined }, features: { ...churn.features, age: (row) => row.customer_id === '${last}' ? process.kill(process.pid, 'SIGKILL') : row.age }`,
    )
    let deaths = 0
    // Whoever runs the worker starts it again each time it dies.
    const keepRunning = async (): Promise<void> => {
      const worker = await here.startWorker()
      void worker.ended.then((code) => {
        if (code !== null || context.signal.aborted) return undefined
        deaths += 1
        return deaths > 5 ? undefined : keepRunning()
      })
    }
    await keepRunning()
    const ending = here.run()
    const result = await ending
    expect(result).toMatchObject({ verdict: 'failed', published: false, problem: { code: 'WorkerKeepsDying', step: 'scorePartition' } })
    expect(deaths).toBe(5)
    expect(await readFile(result.report!, 'utf8')).toContain('Every worker that tried this step died')
  })

  test.for([
    ['open', 'after', 'a001'],
    ['inspect', 'before', 'plan.json'],
    ['scorePartition', 'before', 'part-00000.predictions'],
    ['assemble', 'before', 'predictions.csv'],
    ['seal', 'before', 'manifest.json'],
    ['publish', 'before', `published/${DATE}`],
  ] as const)('killed in %s, %s %s is written, costs seconds and nothing else', MINUTES, async ([, when, name], context) => {
    const here = await install(context)
    await here.deliver()
    const preload = join(here.folder, 'dies.mjs')
    await writeFile(preload, DIES)
    const first = await here.startWorker({ NODE_OPTIONS: `--import=${preload}`, DIES: `${when} ${name}` })
    const ending = here.run()
    expect(await first.ended, 'the worker was killed').toBeNull()
    const killedMs = Date.now()
    await here.startWorker()
    const result = await ending
    expect(Date.now() - killedMs).toBeLessThan(25_000)
    expect(result).toMatchObject({ verdict: 'pass', published: true, attempt: 'a001', resultsDigest: undisturbed })
    await expectOneCleanDay(here)
  })

  test('killed while a run waits leaves the wait to the other one', MINUTES, async (context) => {
    const here = await install(context, "notify: {}, input: { ...churn.input, arrival: { poll: '500ms', timeout: '1h', settle: '100ms' } }")
    const first = await here.startWorker()
    const ending = here.run()
    await here.untilStep('findInput')
    await here.startWorker()
    first.process.kill('SIGKILL')
    await here.deliver()
    const deliveredMs = Date.now()
    expect(await ending).toMatchObject({ verdict: 'pass', published: true, resultsDigest: undisturbed })
    expect(Date.now() - deliveredMs).toBeLessThan(25_000)
    await expectOneCleanDay(here)
  })

  test('killed while a message is under way, twice, leaves the team two messages and the day published', MINUTES, async (context) => {
    const workers: WorkerProcess[] = []
    const { received, url } = await receive(context, { status: 0 })
    const here = await install(context, "notify: { success: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }] }", {
      SLACK_WEBHOOK_URL: url,
    })
    await here.deliver()
    workers.push(await here.startWorker())
    const ending = here.run()
    for (const deaths of [1, 2]) {
      await until(`the message was taken ${deaths} times`, () => received.length === deaths, 40_000)
      workers.at(-1)!.process.kill('SIGKILL')
      workers.push(await here.startWorker())
    }
    expect(await ending).toMatchObject({ verdict: 'pass', published: true })
    expect(received).toHaveLength(2)
  })

  test('asked to stop while it scores hands the run on and ends with 0', MINUTES, async (context) => {
    const here = await install(context)
    await here.deliverSlow()
    const first = await here.startWorker()
    const ending = here.run()
    await here.untilStep('scorePartition')
    const next = here.startWorker()
    first.process.kill('SIGINT')
    expect(await first.ended).toBe(0)
    expect(first.output()).not.toMatch(/warn:|error:/)
    await next
    expect(await ending).toMatchObject({ published: true, attempt: 'a001', accounts: { read: 60_000 } })
    await expectOneCleanDay(here)
  })
})

/** One attempt, sealed, without leftovers; published once, and the published name leads to it. */
async function expectOneCleanDay(here: Installation): Promise<void> {
  const pipeline = join(here.settings.home, 'churn')
  expect(await here.attempts()).toEqual(['a001'])
  const names = await readdir(join(pipeline, 'attempts', DATE, 'a001'))
  expect(names.filter((name) => name.startsWith('.tmp-') || name === 'work')).toEqual([])
  expect((await readdir(join(pipeline, 'publications', DATE))).filter((name) => !name.startsWith('.'))).toEqual(['0001.json'])
  const published = await readFile(join(pipeline, 'predictions', `predictions_${DATE}.csv`), 'utf8')
  expect(published).toBe(await readFile(join(pipeline, 'attempts', DATE, 'a001', 'predictions.csv'), 'utf8'))
  expect(await readFile(join(pipeline, 'reports', `report_${DATE}.html`), 'utf8')).toContain('</html>')
}
