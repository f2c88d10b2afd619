/** Commands talk to a server here, and none of them may hang: they end with an exit code, one JSON document or words. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CommandResult, DATE, type Installation, install, until, WAITS_LONG } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }
const ofDate = ['churn', '--date', DATE]

/** The one document on standard output: two of them, or a stray line, are no JSON. */
const documentOf = ({ stdout }: CommandResult): unknown => JSON.parse(stdout)

const untilWaiting = (here: Installation) =>
  until('the run waits', async () => (await here.command('status', '--json')).stdout.includes('Wait for the input'))

describe.concurrent('with a server', () => {
  test('no worker: the run stays queued, exit 6, and goes on when one comes; a second start joins it', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    const queued = await here.command('run', ...ofDate)
    expect(queued).toMatchObject({ code: 6, stderr: expect.stringContaining('it stays queued') })
    const unwatched = await here.command('run', ...ofDate, '--no-wait', '--json')
    expect(unwatched.code).toBe(6)
    expect(documentOf(unwatched)).toMatchObject({ joined: true, worker: false })
    const worker = await here.startWorker()
    const joined = await here.command('run', ...ofDate, '--json')
    expect(joined.code).toBe(0)
    expect(documentOf(joined)).toMatchObject({ verdict: 'pass', published: true, attempt: 'a001' })
    expect(joined.stderr).toContain('is running already: following that run')
    expect(documentOf(await here.command('status', '--json'))).toMatchObject({
      source: 'disk and server',
      days: [{ date: DATE, state: 'pass', published: 'a001', rows: 5000 }],
    })
    const again = await here.command('run', ...ofDate)
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is published already (attempt a001, pass)') })
    worker.process.kill('SIGINT')
    expect(await worker.ended).toBe(0)
  })

  test(
    'a running date is joined, but not with another input or as a rerun; cancelled, its follower ends with 7',
    MINUTE,
    async (context) => {
      const here = await install(context, WAITS_LONG)
      await here.startWorker()
      expect(documentOf(await here.command('run', ...ofDate, '--no-wait', '--json'))).toMatchObject({ joined: false, worker: true })
      expect(documentOf(await here.command('run', ...ofDate, '--no-wait', '--json'))).toMatchObject({ joined: true, worker: true })
      for (const other of [['--rerun'], ['--input', here.inputPath()]]) {
        const conflict = await here.command('run', ...ofDate, ...other, '--json')
        expect(conflict.code).toBe(2)
        expect(documentOf(conflict)).toMatchObject({ error: { code: 'RunConflict' } })
      }
      const following = here.startCommand('run', ...ofDate, '--json')
      await until('it is followed', () => following.said().includes('Wait for the input'))
      const nothing = await here.command('arrived', ...ofDate, '--json')
      expect(nothing.code).toBe(4)
      expect(documentOf(nothing)).toMatchObject({ found: false, message: expect.stringContaining('there is no such file') })
      const cancelled = await here.command('cancel', ...ofDate, '--json')
      expect(cancelled.code).toBe(0)
      expect(documentOf(cancelled)).toMatchObject({ verdict: 'cancelled', published: false })
      const followed = await following.result
      expect(followed.code).toBe(7)
      expect(documentOf(followed)).toMatchObject({ verdict: 'cancelled', problem: { code: 'Cancelled' } })
      for (const late of ['arrived', 'cancel']) {
        const result = await here.command(late, ...ofDate, '--json')
        expect(result.code).toBe(2)
        expect(documentOf(result)).toMatchObject({ error: { code: 'UsageInvalid', message: expect.stringContaining('no run of churn') } })
      }
    },
  )

  test('a file that arrived is said, and its follower ends with 0; one who stops following ends with 130', MINUTE, async (context) => {
    const here = await install(context, WAITS_LONG)
    await here.startWorker()
    const leaving = here.startCommand('run', ...ofDate, '--json')
    await until('it is followed', () => leaving.said().includes('Wait for the input'))
    leaving.signal('SIGINT')
    const left = await leaving.result
    expect(left.code).toBe(130)
    expect(documentOf(left)).toMatchObject({ pipeline: 'churn', date: DATE, followed: false })
    const following = here.startCommand('run', ...ofDate)
    await here.deliver()
    const arrived = await here.command('arrived', ...ofDate, '--json')
    expect(arrived.code).toBe(0)
    expect(documentOf(arrived)).toMatchObject({ found: true, message: expect.stringContaining(here.inputPath()) })
    expect((await following.result).code).toBe(0)
  })

  test(
    'exit codes are those of a local run: 4 for a file given that is not there, 3 for a broken one, 2 for an unknown pipeline',
    MINUTE,
    async (context) => {
      const here = await install(context)
      await here.startWorker()
      const startedMs = Date.now()
      const missing = await here.command('run', ...ofDate, '--input', join(here.folder, 'nowhere.csv'))
      expect(missing).toMatchObject({ code: 4, stdout: expect.stringContaining('there is no such file') })
      expect(Date.now() - startedMs).toBeLessThan(8000)
      const file = join(here.folder, 'given.csv')
      await writeFile(file, '<!doctype html><html></html>')
      const page = await here.command('run', ...ofDate, '--input', file)
      expect(page).toMatchObject({ code: 3, stdout: expect.stringContaining('is an HTML page') })
      const unknown = await here.command('run', 'chrun', '--date', DATE)
      expect(unknown).toMatchObject({ code: 2, stdout: expect.stringContaining('did you mean "churn"?') })
    },
  )

  test('who follows a run whose worker died is told so, and the run goes on with the next one', MINUTE, async (context) => {
    const here = await install(context, WAITS_LONG)
    const worker = await here.startWorker()
    const following = here.startCommand('run', ...ofDate, '--json')
    await until('it is followed', () => following.said().includes('Wait for the input'))
    worker.process.kill('SIGKILL')
    await until('it is told', () => following.said().includes('no worker answers'))
    await here.startWorker()
    await here.deliver()
    await until('the file is found', async () => (await here.command('arrived', ...ofDate)).code === 0)
    expect((await following.result).code).toBe(0)
  })

  test('a worker that died is noticed: "arrived" ends within seconds with 6, and so does "cancel"', MINUTE, async (context) => {
    const here = await install(context, WAITS_LONG)
    const worker = await here.startWorker()
    await here.command('run', ...ofDate, '--no-wait')
    await untilWaiting(here)
    worker.process.kill('SIGKILL')
    await worker.ended
    for (const word of ['arrived', 'cancel']) {
      const startedMs = Date.now()
      const result = await here.command(word, ...ofDate)
      expect(result).toMatchObject({ code: 6, stderr: expect.stringContaining('WorkerMissing') })
      expect(Date.now() - startedMs).toBeLessThan(20_000)
    }
  })
})

describe.concurrent('without a server', () => {
  const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' }

  test.for([['run', ...ofDate], ['arrived', ...ofDate], ['cancel', ...ofDate], ['worker']])(
    '%j ends with 6 within seconds',
    async (words, context) => {
      const here = await install(context)
      const startedMs = Date.now()
      const result = await here.commandWith(env, ...words, '--json')
      expect(result.code).toBe(6)
      expect(documentOf(result)).toMatchObject({
        error: { code: 'ServerUnreachable', message: expect.stringContaining('no Temporal server answers at 127.0.0.1:1') },
      })
      expect(Date.now() - startedMs).toBeLessThan(10_000)
    },
  )

  test('status goes by the disk and says so', async (context) => {
    const here = await install(context)
    expect(documentOf(await here.commandWith(env, 'status', '--json'))).toMatchObject({
      source: 'disk only: no Temporal server answered',
      days: [],
    })
  })

  test('a date that no calendar has, or a pipeline nobody made, is one JSON document and exit 2', async (context) => {
    const here = await install(context)
    for (const [code, words] of [
      ['DateInvalid', ['run', 'churn', '--date', '2026-02-30']],
      ['DateInvalid', ['cancel', 'churn', '--date', '2026-02-30']],
      ['DateInvalid', ['status', '--date', '2026-02-30']],
      ['PipelineUnknown', ['status', 'chrun']],
      ['PipelineUnknown', ['check', 'chrun']],
    ] as const) {
      const result = await here.commandWith(env, ...words, '--json')
      expect(result.code).toBe(2)
      expect(documentOf(result)).toMatchObject({ error: { code } })
    }
  })
})
