/** A held day is sealed, told, and waits for one word, with or without a server. */
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Manifest } from '../../engine/protocol/documents/manifest.js'
import { readEvents } from '../../engine/storage/events.js'
import { layout } from '../../engine/storage/layout.js'
import { currentPublication } from '../../engine/storage/publications.js'
import { textOf } from '../setup/htmlText.js'
import { receive } from '../setup/httpReceiver.js'
import { DATE, type Installation, install } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }
const HOLDS = "notify: {}, anomalies: [{ ...churn.anomalies[0], below: 0.01, above: 0.5, action: 'hold' }]"
const NOBODY = { TEMPORAL_ADDRESS: '127.0.0.1:1' }

async function held(context: Parameters<typeof install>[0], overrides = HOLDS, env = {}): Promise<Installation> {
  const here = await install(context, overrides, env)
  await here.deliver(DATE, 'anomalous')
  expect(await here.runLocally()).toMatchObject({ verdict: 'held', published: false, problem: { code: 'Held' } })
  return here
}

const report = async (here: Installation) => textOf(await readFile(layout.report(here.settings.home, 'churn', DATE), 'utf8'))
const publication = (here: Installation) => currentPublication(here.settings.home, 'churn', DATE)
const word = (here: Installation, ...words: string[]) => here.commandWith(NOBODY, words[0]!, 'churn', '--date', DATE, ...words.slice(1))

describe.concurrent('a held day', () => {
  test('is sealed, not published, told, and waits; approved it is what readers see', MINUTE, async (context) => {
    const { received, url } = await receive(context)
    const channel = "notify: { held: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }] }"
    const here = await held(context, `${HOLDS.replace('notify: {}', channel)}, hold: { expires: '2d' }`, { SLACK_WEBHOOK_URL: url })
    expect(await publication(here)).toBeUndefined()
    expect(received).toHaveLength(1)
    expect(received[0]?.body).toContain('HELD')
    expect(received[0]?.body).toContain('daybreak approve churn')
    expect(await report(here)).toMatch(/Held.*waits for somebody.*daybreak approve churn --date 2026-03-03 --attempt a001/s)
    const status = await here.commandWith(NOBODY, 'status', 'churn')
    expect(status.stdout).toMatch(/2026-03-03 +held/)
    expect(status.stdout).toMatch(/a001 waits for a decision since \d+.*, until 20\d\d-.*daybreak approve\|reject churn/)

    // A scheduled or manual run of the date changes nothing while it waits.
    const again = await here.runLocally()
    expect(again).toMatchObject({ verdict: 'held', attempt: 'a001', problem: { code: 'Held' } })
    expect(await here.attempts()).toEqual(['a001'])

    const approved = await word(here, 'approve', '--reason', 'the campaign explains it', '--json')
    expect(approved.code).toBe(0)
    expect(JSON.parse(approved.stdout)).toMatchObject({ attempt: 'a001', publication: { number: 1, why: 'the campaign explains it' } })
    expect(await publication(here)).toMatchObject({ number: 1, attempt: 'a001' })
    expect((await readFile(`${layout.publishedPredictions(here.settings.home, 'churn', DATE)}.csv`, 'utf8')).length).toBeGreaterThan(1000)
    expect(await report(here)).toMatch(/Was held: churn rate .* is above 50 %.*Approved by .* the campaign explains it/s)
    expect(await report(here)).not.toMatch(/waits for somebody|daybreak approve/)
    expect((await readEvents(here.settings.home, { pipeline: 'churn', date: DATE, attempt: 'a001' })).map(({ event }) => event)).toEqual([
      'sealed',
      'message-sending',
      'message-sent',
      'approved',
      'published',
    ])
    expect((await here.commandWith(NOBODY, 'status', 'churn')).stdout).toMatch(/2026-03-03 +approved +a001/)

    for (const other of ['approve', 'reject']) {
      const late = await word(here, other, '--reason', 'second thoughts')
      expect(late).toMatchObject({ code: 2, stderr: expect.stringContaining('a001 was approved by') })
    }
    expect(await publication(here)).toMatchObject({ number: 1 })
  })

  test('rejected is never published, and the date can run again', MINUTE, async (context) => {
    const here = await held(context)
    expect(await word(here, 'reject', '--reason', 'half of the customers are missing')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing was published'),
    })
    expect(await report(here)).toMatch(/Rejected by .* half of the customers are missing/)
    expect((await word(here, 'approve', '--reason', 'x')).code).toBe(2)
    expect((await word(here, 'publish', '--attempt', 'a001')).code).toBe(2)
    expect(await publication(here)).toBeUndefined()
    await here.deliver(DATE)
    expect(await here.runLocally()).toMatchObject({ verdict: 'pass', attempt: 'a002', published: true })
  })

  test('that two people decide at once has one decision', MINUTE, async (context) => {
    const here = await held(context)
    const both = await Promise.all([word(here, 'approve', '--reason', 'yes'), word(here, 'reject', '--reason', 'no')])
    expect(both.map(({ code }) => code).sort()).toEqual([0, 2])
    const [approved] = both
    expect((await publication(here)) !== undefined).toBe(approved.code === 0)
  })

  test('expires as configured', MINUTE, async (context) => {
    const here = await held(context, `${HOLDS}, hold: { expires: '1ms' }`)
    const late = await word(here, 'approve', '--reason', 'x', '--attempt', 'a001', '--json')
    expect(late.code).toBe(5)
    expect(JSON.parse(late.stdout)).toMatchObject({ error: { code: 'HoldExpired' } })
    expect((await here.commandWith(NOBODY, 'status', 'churn')).stdout).toMatch(/2026-03-03 +expired/)
    // It holds nobody up any longer.
    await here.deliver(DATE)
    expect(await here.runLocally()).toMatchObject({ verdict: 'pass', attempt: 'a002' })
  })

  test('two of one date are told apart by --attempt; once another was published, an older one is not', MINUTE, async (context) => {
    const here = await held(context)
    expect(await here.runLocally({ rerun: true })).toMatchObject({ verdict: 'held', attempt: 'a002' })
    const unclear = await word(here, 'approve', '--reason', 'x')
    expect(unclear).toMatchObject({ code: 2, stderr: expect.stringContaining('--attempt') })
    expect((await word(here, 'approve', '--reason', 'x', '--attempt', 'a002')).code).toBe(0)
    expect(await word(here, 'approve', '--reason', 'x', '--attempt', 'a001')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a001: another attempt was published since'),
    })
    expect(await publication(here)).toMatchObject({ number: 1, attempt: 'a002' })
  })

  test('whose files were touched is not approved', MINUTE, async (context) => {
    const here = await held(context)
    await appendFile(join(layout.attempt(here.settings.home, { pipeline: 'churn', date: DATE, attempt: 'a001' }), 'predictions.csv'), 'x')
    expect(await word(here, 'approve', '--reason', 'x')).toMatchObject({ code: 1, stderr: expect.stringContaining('predictions.csv') })
    expect(await publication(here)).toBeUndefined()
  })

  test('by Temporal ends its run, which completes; a decision needs no run', MINUTE, async (context) => {
    const here = await install(context, HOLDS)
    await here.deliver(DATE, 'anomalous')
    await here.startWorker()
    const handle = await here.start()
    expect(await here.follow(handle)).toMatchObject({ verdict: 'held', published: false })
    expect((await handle.describe()).status.name).toBe('COMPLETED')
    const run = await here.command('run', 'churn', '--date', DATE)
    expect(run).toMatchObject({ code: 5, stderr: '' })
    expect(run.stdout).toContain('waits for a decision since')
    expect((await here.command('approve', 'churn', '--date', DATE, '--reason', 'fine')).code).toBe(0)
    expect(await here.run()).toMatchObject({ alreadyPublished: true, attempt: 'a001' })
  })
})

describe.concurrent('what a rule or check says', () => {
  test.for([
    ['warn', { verdict: 'warn', published: true }],
    ['hold', { verdict: 'held', published: false }],
    ['fail', { verdict: 'refused', published: false }],
  ] as const)('%s decides the verdict; the strictest counts', MINUTE, async ([action, ending], context) => {
    const rule = "{ ...churn.anomalies[0], below: 0.01, above: 0.5, action: 'warn' }"
    const here = await install(context, `notify: {}, anomalies: [${rule}, ${rule.replace("'warn'", `'${action}'`)}]`)
    await here.deliver(DATE, 'anomalous')
    expect(await here.runLocally()).toMatchObject(ending)
    const { rules } = (await here.manifest()) as Manifest
    expect(rules.map(({ fired }) => fired)).toEqual([true, true])
  })
})
