/** Secrets and row values are planted everywhere, then searched for everywhere they must not be. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkflowHandle } from '@temporalio/client'
import { describe, expect, test } from 'vitest'
import { freePort } from '../setup/freePort.js'
import { receive } from '../setup/httpReceiver.js'
import { DATE, type Installation, install } from '../setup/installation.js'

const MINUTE = { timeout: 90_000 }
const CHANNELS =
  "[{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }, { channel: 'slack', webhookEnv: 'MY_WEBHOOK' }, { channel: 'email' }]"
const NOTIFY = `notify: { success: ${CHANNELS}, failure: ${CHANNELS}, anomaly: ${CHANNELS} }`

/** Everything of a run on the server: history with its payloads decoded, memo, search attributes. */
async function onServer(handle: WorkflowHandle): Promise<string> {
  const decoded = (_key: string, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value)
  const [history, description] = [await handle.fetchHistory(), await handle.describe()]
  const text = JSON.stringify([history, description.memo, description.searchAttributes], decoded)
  // Payloads are base64 once they are JSON.
  const parts = [...text.matchAll(/"([A-Za-z0-9+/]{16,}={0,2})"/g)].map(([, part]) => Buffer.from(part!, 'base64').toString('utf8'))
  return `${text}\n${parts.join('\n')}`
}

async function filesBelow(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return (await Promise.all(files.map(async (file) => `${file}\n${await readFile(file, 'utf8')}`))).join('\n')
}

async function plant(context: Parameters<typeof install>[0]) {
  const { url } = await receive(context, { status: 404 })
  const closed = await freePort()
  const secrets = {
    SLACK_WEBHOOK_URL: url.replace('secret-of-the-webhook', 'PLANTED-webhook'),
    MY_WEBHOOK: `http://127.0.0.1:${closed}/PLANTED-second-webhook`,
    SMTP_URL: `smtp://PLANTED-user:PLANTED-password@127.0.0.1:${closed}`,
    DAYBREAK_HEARTBEAT_URL: `http://127.0.0.1:${closed}/PLANTED-heartbeat`,
    DAYBREAK_MAIL_FROM: 'a@example.com',
    DAYBREAK_MAIL_TO: 'b@example.com',
    SOMETHING_ELSE: 'PLANTED-unrelated',
  }
  return await install(context, NOTIFY, secrets)
}

/** The cells that are planted: a key, a number that is none, a text in a column that the contract does not know. */
async function plantRows(here: Installation): Promise<void> {
  const lines = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
  for (const line of [5, 6, 7]) lines[line] = lines[line]!.replace(/^[^,]*,[^,]*/, `ROWVALUE-key-${line},ROWVALUE-age`)
  await writeFile(here.inputPath(), `${lines.join('\n')}\n`)
}

describe.concurrent('a secret', () => {
  test('is in no history, log, report, manifest, event, message or answer, whatever happens', MINUTE, async (context) => {
    const here = await plant(context)
    const metrics = `127.0.0.1:${await freePort()}`
    const worker = await here.startWorker({ DAYBREAK_LOG_FORMAT: 'json', DAYBREAK_METRICS_ADDRESS: metrics })
    const seen: string[] = []
    const run = async (kind: Parameters<Installation['deliver']>[1], overrides = NOTIFY) => {
      await here.define(overrides)
      await here.deliver(DATE, kind)
      await plantRows(here)
      const handle = await here.start({ rerun: true })
      await here.follow(handle).catch(() => undefined)
      seen.push(await onServer(handle))
    }
    await run('good')
    await run('column-gone')
    await run('anomalous', `${NOTIFY}, anomalies: [{ ...churn.anomalies[0], above: 0.5, action: 'hold' }]`)
    await run('anomalous', `${NOTIFY}, anomalies: [{ ...churn.anomalies[0], above: 0.5, action: 'fail' }]`)
    await run('good', `${NOTIFY}, model: { ...churn.model, file: 'missing.onnx' }`)
    const answers: string[] = []
    for (const words of [
      ['status', 'churn', '--json'],
      ['run', 'churn', '--date', DATE, '--rerun', '--local'],
      ['run', 'churn', '--date', DATE, '--rerun', '--local', '--json'],
      ['notify', 'test', 'churn', '--json'],
      ['check', 'churn'],
      ['backfill', 'churn', '--from', DATE, '--to', DATE, '--mode', 'all', '--no-wait', '--json'],
    ]) {
      const { stdout, stderr } = await here.command(...words)
      answers.push(stdout, stderr)
    }
    const served = await (await fetch(`http://${metrics}/metrics`)).text()
    const places = {
      'the server': seen.join('\n'),
      'the log': worker.output(),
      'the home': await filesBelow(here.settings.home),
      answers: answers.join('\n'),
      metrics: served,
    }
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, place).toBeGreaterThan(500)
      const at = text.search(/PLANTED-(webhook|second|user|password|heartbeat|unrelated)/)
      expect(at < 0 ? '' : text.slice(Math.max(0, at - 200), at + 60), place).toBe('')
    }
    // What is searched for can be found: the messages of the day and its rejects are there.
    expect(places['the home']).toContain('message-failed')
    expect(places['the home']).toContain('ROWVALUE-age')
    for (const place of ['the server', 'the log', 'metrics'] as const)
      expect(places[place], `row values in ${place}`).not.toContain('ROWVALUE')
  })
})

describe.concurrent('a row value', () => {
  test('is in no message, and a key is not whole in the report', MINUTE, async (context) => {
    const { received, url } = await receive(context)
    const here = await install(context, "notify: { success: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_URL' }] }", {
      SLACK_WEBHOOK_URL: url,
    })
    await here.deliver()
    await plantRows(here)
    expect(await here.runLocally()).toMatchObject({ published: true, accounts: { rejected: 3 } })
    expect(received).toHaveLength(1)
    expect(received[0]?.body).not.toContain('ROWVALUE')
    const report = await readFile(join(here.settings.home, 'churn', 'reports', `report_${DATE}.html`), 'utf8')
    expect(report).not.toContain('ROWVALUE-key')
  })
})
