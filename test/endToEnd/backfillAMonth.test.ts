/** A backfill runs on a real server: it says its plan before anything starts, brings every date to its own end, and can be stopped. */
import { readFile, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { BackfillDay, BackfillResult } from '../../engine/protocol/backfill.js'
import { listAttempts, readManifest } from '../../engine/storage/attempts.js'
import { layout } from '../../engine/storage/layout.js'
import { currentPublication } from '../../engine/storage/publications.js'
import { receive } from '../setup/httpReceiver.js'
import { type CommandResult, type Installation, install, until } from '../setup/installation.js'

const MINUTE = { timeout: 90_000 }
const WEEK = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05'] as const
const range = ['churn', '--from', WEEK[0], '--to', WEEK[4]]

const documentOf = <T>({ stdout }: CommandResult): T => JSON.parse(stdout) as T
const states = ({ days }: { readonly days: readonly BackfillDay[] }) =>
  Object.fromEntries(days.map(({ date, state }) => [date.slice(-2), state]))

const progressOf = async (here: Installation) =>
  documentOf<{ state: string; days: BackfillDay[] }>(await here.command('backfill', 'status', 'churn', '--json'))

describe.concurrent('a backfill', () => {
  test('brings every date to its own end, tells once, and what failed can be done again', MINUTE, async (context) => {
    const { received: posts, url } = await receive(context)
    const channels =
      "notify: { success: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }], failure: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }] }, lateAfter: '10ms'"
    const here = await install(context, channels, { SLACK_WEBHOOK_URL: url })
    await here.startWorker()
    for (const date of [WEEK[0], WEEK[1], WEEK[4]]) await here.deliver(date)
    await here.deliver(WEEK[2], 'column-gone')

    const dry = await here.command('backfill', ...range, '--dry-run')
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/2026-03-04 +run +never ran[\s\S]*nothing was started/) })
    expect(await listAttempts(here.settings.home, 'churn', WEEK[0])).toEqual([])

    const startedMs = Date.now()
    const whole = await here.command('backfill', ...range, '--json')
    expect(whole.code).toBe(1)
    expect(whole.stderr).toContain('2026-03-01: pass, published (')
    const result = documentOf<BackfillResult & { counts: object }>(whole)
    expect(states(result)).toEqual({ '01': 'pass', '02': 'pass', '03': 'failed', '04': 'input-missing', '05': 'pass' })
    expect(result).toMatchObject({ ended: 'done', counts: { planned: 5, published: 3, failed: 2, skipped: 0 } })
    expect(Date.now() - startedMs, 'an absent file is not waited for').toBeLessThan(25_000)
    expect(posts).toHaveLength(1)
    expect(posts[0]?.body).toContain('3 of 5 days published')
    expect(posts[0]?.body).toContain('--mode failed')
    expect(await readFile(layout.report(here.settings.home, 'churn', WEEK[0]), 'utf8')).toContain('Backfill')
    expect(JSON.parse(await readFile(layout.backfill(here.settings.home, 'churn', result.id), 'utf8'))).toMatchObject({ ended: 'done' })

    await here.deliver(WEEK[3])
    const failed = documentOf<BackfillResult>(await here.command('backfill', ...range, '--mode', 'failed', '--order', 'newest', '--json'))
    expect(states(failed)).toEqual({ '01': 'skipped', '02': 'skipped', '03': 'failed', '04': 'pass', '05': 'skipped' })
    expect(failed.days.map(({ date }) => date)).toEqual(WEEK.toReversed())
    expect(failed.days.find(({ date }) => date === WEEK[0])).toMatchObject({ reason: 'published (a001)' })
    expect(await listAttempts(here.settings.home, 'churn', WEEK[0])).toEqual(['a001'])
    expect(await here.command('backfill', ...range, '--mode', 'missing')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to do'),
    })
  })

  test('of stale dates replaces what changed and nothing else; of all dates replaces all', MINUTE, async (context) => {
    const here = await install(context)
    await here.startWorker()
    for (const date of WEEK.slice(0, 2)) await here.deliver(date)
    const two = ['churn', '--from', WEEK[0], '--to', WEEK[1]]
    expect((await here.command('backfill', ...two)).code).toBe(0)
    const file = here.inputPath(WEEK[1])
    // Touched, with the same bytes: no change.
    await utimes(here.inputPath(WEEK[0]), new Date(), new Date())
    await writeFile(file, (await readFile(file, 'utf8')).trimEnd().split('\n').slice(0, -1).join('\n'))
    const stale = documentOf<BackfillResult>(await here.command('backfill', ...two, '--mode', 'stale', '--json'))
    expect(stale.days).toMatchObject([
      { state: 'skipped', reason: 'published (a001), nothing changed' },
      { state: 'pass', reason: 'changed since: input', attempt: 'a002', published: true },
    ])
    await here.define("notify: {}, lateAfter: '3h'")
    expect((await here.command('backfill', ...two, '--mode', 'stale', '--dry-run')).stdout).toMatch(/01 +run +changed since: definition/)
    expect((await here.command('backfill', ...two, '--mode', 'all')).code).toBe(0)
    expect(await currentPublication(here.settings.home, 'churn', WEEK[1])).toMatchObject({ number: 3, attempt: 'a003' })
  })

  test('joins a date that runs already, and waits for it', MINUTE, async (context) => {
    const here = await install(context, "notify: {}, input: { ...churn.input, arrival: { poll: '300ms', timeout: '1h', settle: '100ms' } }")
    await here.startWorker()
    const run = here.run({ date: WEEK[0] })
    await until('the run waits', async () => (await listAttempts(here.settings.home, 'churn', WEEK[0])).length > 0)
    const following = here.startCommand('backfill', 'churn', '--from', WEEK[0], '--to', WEEK[0], '--mode', 'all', '--json')
    await until('it is joined', async () => (await progressOf(here)).days?.[0]?.joined === true)
    await here.deliver(WEEK[0])
    expect(documentOf<BackfillResult>(await following.result)).toMatchObject({ days: [{ joined: true, state: 'pass', published: true }] })
    expect(await run).toMatchObject({ attempt: 'a001', published: true })
    expect(await listAttempts(here.settings.home, 'churn', WEEK[0])).toEqual(['a001'])
  })

  test('goes on when its worker is killed, and when nobody follows it any more', MINUTE, async (context) => {
    const here = await install(context)
    const first = await here.startWorker()
    for (const date of WEEK) await here.deliver(date)
    const following = here.startCommand('backfill', ...range, '--json')
    await until('a day has ended', () => following.said().includes('published ('))
    first.process.kill('SIGKILL')
    await here.startWorker()
    following.signal('SIGINT')
    const left = await following.result
    expect(left.code).toBe(130)
    expect(documentOf(left)).toMatchObject({ followed: false })
    await until(
      'it has ended',
      async () => documentOf<{ ended?: string }>(await here.command('backfill', 'status', 'churn', '--json')).ended === 'done',
      60_000,
    )
    for (const date of WEEK)
      expect(await readManifest(here.settings.home, { pipeline: 'churn', date, attempt: 'a001' })).toMatchObject({ verdict: 'pass' })
    for (const date of WEEK) expect(await listAttempts(here.settings.home, 'churn', date)).toEqual(['a001'])
  })

  test('is paused, resumed and cancelled; cancelled days end with a report, the others are not started', MINUTE, async (context) => {
    const here = await install(context)
    // Five commands run while the first day is scored, however busy the machine is.
    await here.deliverSlow(100)
    for (const date of [WEEK[0], WEEK[1], WEEK[3]]) await writeFile(here.inputPath(date), await readFile(here.inputPath(WEEK[2])))
    await here.startWorker()
    const one = ['churn', '--from', WEEK[0], '--to', WEEK[3], '--parallel', '1']
    const following = here.startCommand('backfill', ...one, '--json')
    await until('it runs', async () => (await progressOf(here)).days?.[0]?.state === 'running')
    const second = await here.command('backfill', ...one, '--json')
    expect(second.code).toBe(2)
    expect(documentOf(second)).toMatchObject({ error: { code: 'RunConflict' } })
    expect(documentOf(await here.command('backfill', 'pause', 'churn', '--json'))).toMatchObject({ state: 'paused' })
    expect(documentOf(await here.command('backfill', 'resume', 'churn', '--json'))).toMatchObject({ state: 'running' })
    const cancelled = await here.command('backfill', 'cancel', 'churn', '--days', 'cancel', '--json')
    expect(cancelled.code).toBe(0)
    const result = documentOf<BackfillResult>(cancelled)
    expect(result.ended).toBe('stopped')
    expect(states(result)).toEqual({ '01': 'cancelled', '02': 'not-started', '03': 'not-started', '04': 'not-started' })
    expect(await readFile(layout.report(here.settings.home, 'churn', WEEK[0]), 'utf8')).toContain('The run was cancelled')
    expect((await following.result).code).toBe(7)
    for (const word of ['pause', 'resume', 'cancel']) expect((await here.command('backfill', word, 'churn')).code).toBe(2)
  })

  test('cancelled gently lets the days under way finish', MINUTE, async (context) => {
    const here = await install(context)
    await here.startWorker()
    await here.deliverSlow()
    await writeFile(here.inputPath(WEEK[3]), await readFile(here.inputPath(WEEK[2])))
    await here.command('backfill', 'churn', '--from', WEEK[2], '--to', WEEK[3], '--parallel', '1', '--no-wait')
    await until('it runs', async () => (await progressOf(here)).days?.[0]?.state === 'running')
    const result = documentOf<BackfillResult>(await here.command('backfill', 'cancel', 'churn', '--json'))
    expect(states(result)).toEqual({ '03': 'warn', '04': 'not-started' })
  })
})

describe.concurrent('a backfill that cannot be', () => {
  test.for([
    ['upside down', ['--from', '2026-03-05', '--to', '2026-03-01'], 'upside down'],
    ['too long', ['--from', '2020-01-01', '--to', '2026-03-01'], '1000 dates at most'],
    ['in the future', ['--from', '2026-03-01', '--to', '2027-03-01'], 'in the future'],
    ['of no calendar day', ['--from', '2026-02-30', '--to', '2026-03-01'], 'calendar day'],
  ] as const)('%s is refused before anything is asked of a server', async ([, words, said], context) => {
    const here = await install(context)
    const result = await here.commandWith({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'backfill', 'churn', ...words)
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(said) })
  })

  test(
    'over 31 dates without a terminal and without --yes starts nothing; an unknown pipeline is named; no worker is 6',
    MINUTE,
    async (context) => {
      const here = await install(context)
      const many = ['churn', '--from', '2026-01-01', '--to', '2026-02-15']
      expect((await here.command('backfill', ...many)).code).toBe(6)
      await here.startWorker()
      const asked = await here.command('backfill', ...many)
      expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
      expect(asked.stdout).toContain('2026-01-01 … 2026-02-15 (46 dates)')
      expect(await listAttempts(here.settings.home, 'churn', '2026-01-01')).toEqual([])
      const unknown = await here.command('backfill', 'chrun', '--from', '2026-01-01', '--to', '2026-01-02', '--json')
      expect(unknown.code).toBe(2)
      expect(documentOf(unknown)).toMatchObject({ error: { code: 'PipelineUnknown' } })
    },
  )
})
