/** `dev` is a whole installation in one process: it leaves another server alone, and nothing behind when it ends. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { openServer } from '../../client/server/openServer.js'
import { dayIds } from '../../engine/protocol/ids.js'
import { fixedTarget } from '../../worker/temporalConnection.js'
import { freePort } from '../setup/freePort.js'
import { textOf } from '../setup/htmlText.js'
import { DATE, type Installation, install, until } from '../setup/installation.js'
import { testServer } from '../setup/server.js'

const MINUTES = { timeout: 120_000 }
const NOTIFY = "notify: { success: [{ channel: 'slack', webhookEnv: 'SLACK_WEBHOOK_TEAM' }, { channel: 'email' }] }"

interface Addresses {
  readonly address: string
  readonly ui: string
  readonly inbox?: string
  readonly toInbox?: readonly string[]
  readonly pipelines: readonly string[]
}

/** Starts `dev` and waits for its document. */
async function startDev(here: Installation, port: number, env: Readonly<Record<string, string>> = {}) {
  const running = here.startCommandWith(env, ['dev', '--port', String(port), '--json'])
  let ended = false
  void running.result.finally(() => {
    ended = true
  })
  await until('dev is ready', () => ended || running.wrote().endsWith('}\n'), 60_000)
  if (ended) throw new Error(`dev ended before it was ready: ${running.said()}`)
  return { running, addresses: JSON.parse(running.wrote()) as Addresses }
}

function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

/** Number and command line of each process that has to do with an installation. */
async function processesOf(here: Installation): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid,args'])
  return stdout.split('\n').filter((line) => line.includes(here.folder))
}

const goneAfterwards = async (here: Installation, { address, ui, inbox }: Addresses) => {
  for (const place of [address, ui, ...(inbox ? [inbox] : [])]) expect(await listens(place)).toBe(false)
  expect(await processesOf(here)).toEqual([])
}

async function messages(inbox: string): Promise<readonly string[]> {
  const list = await (await fetch(inbox)).text()
  return [...list.matchAll(/href="(messages\/\d+)"/g)].map(([, path]) => `${inbox}/${path}`)
}

describe.concurrent('dev', () => {
  test('runs a day for another process, shows its messages, ends without a trace, and remembers', MINUTES, async (context) => {
    const here = await install(context, NOTIFY)
    await here.deliver()
    const port = await freePort()
    const { running, addresses } = await startDev(here, port)
    expect(addresses).toMatchObject({
      address: `127.0.0.1:${port}`,
      toInbox: ['SMTP_URL', 'SLACK_WEBHOOK_URL', 'SLACK_WEBHOOK_TEAM'],
      pipelines: ['churn'],
    })
    expect(addresses.address).not.toBe((await testServer()).address)
    expect((await fetch(addresses.ui)).ok).toBe(true)

    const day = await here.commandWith({ TEMPORAL_ADDRESS: addresses.address }, 'run', 'churn', '--date', DATE, '--json')
    expect(day.code).toBe(0)
    expect(JSON.parse(day.stdout)).toMatchObject({ verdict: 'pass', published: true })
    const inbox = addresses.inbox!
    expect(textOf(await (await fetch(inbox)).text())).toMatch(/2 messages.*\[PASS\] churn/)
    const pages = await Promise.all((await messages(inbox)).map(async (url) => textOf(await (await fetch(url)).text())))
    expect(pages.join()).toContain('Slack to SLACK_WEBHOOK_TEAM')
    expect(pages.join()).toContain('Mail to team@example.com')
    for (const page of pages) expect(page).toContain(`churn/${DATE}/a001/success`)

    const status = await here.commandWith({ TEMPORAL_ADDRESS: addresses.address }, 'status', '--json')
    expect(JSON.parse(status.stdout).days.map(({ pipeline }: { pipeline: string }) => pipeline)).toEqual(['churn'])

    running.signal('SIGINT')
    expect((await running.result).code).toBe(0)
    await goneAfterwards(here, addresses)

    const again = await startDev(here, port)
    const server = await openServer(fixedTarget(again.addresses.address))
    const handle = server.client.workflow.getHandle(dayIds.make({ name: here.settings.name, pipeline: 'churn', date: DATE }))
    expect(await handle.describe()).toMatchObject({ status: { name: 'COMPLETED' }, searchAttributes: { Verdict: ['pass'] } })
    await server.close()
    again.running.signal('SIGTERM')
    expect((await again.running.result).code).toBe(0)
    await goneAfterwards(here, again.addresses)
  })

  test(
    'keeps the channels that are configured, names a broken definition, and has one home and one port to itself',
    MINUTES,
    async (context) => {
      const here = await install(context, NOTIFY)
      const broken = join(here.project.pipelines, 'broken')
      await mkdir(broken)
      await writeFile(join(broken, 'pipeline.ts'), 'export default 7\n')
      const port = await freePort()
      const { running, addresses } = await startDev(here, port, {
        SLACK_WEBHOOK_TEAM: 'http://127.0.0.1:1/services/x',
        SMTP_URL: 'smtp://127.0.0.1:1',
      })
      expect(addresses.toInbox).toEqual(['SLACK_WEBHOOK_URL'])
      expect(addresses.pipelines).toEqual(['churn'])
      expect(running.said()).toContain('Pipeline broken cannot be used')

      const [samePort, sameHome] = await Promise.all([
        here.command('dev', '--port', String(port), '--home', join(here.folder, 'other')),
        here.command('dev', '--port', String(await freePort())),
      ])
      expect(samePort).toMatchObject({ code: 6, stderr: expect.stringMatching(/something listens there already.*\n.*with --port/) })
      expect(sameHome).toMatchObject({ code: 2, stderr: expect.stringContaining(`server ${addresses.address}`) })
      running.signal('SIGINT')
      await running.result
      await goneAfterwards(here, addresses)
    },
  )

  test('tells people where everything is, and how commands of another terminal come here', MINUTES, async (context) => {
    const here = await install(context)
    const port = await freePort()
    const running = here.startCommand('dev', '--port', String(port))
    await until('dev is ready', () => running.wrote().includes('Ctrl-C stops all of it'), 60_000)
    running.signal('SIGINT')
    const { code, stdout } = await running.result
    expect(code).toBe(0)
    expect(stdout).toMatch(
      new RegExp(`Temporal server +127\\.0\\.0\\.1:${port}\\n +Temporal web UI +http://127\\.0\\.0\\.1:\\d+\\n +Inbox +http://127`),
    )
    expect(stdout).toContain(`TEMPORAL_ADDRESS=127.0.0.1:${port} TEMPORAL_NAMESPACE=default npx daybreak run churn --date `)
    expect(stdout).toContain(`they go to ${(await testServer()).address}, which this installation neither uses nor touches`)
  })

  test('whose server is gone ends by itself, says so, and leaves nothing', MINUTES, async (context) => {
    const here = await install(context)
    const { running, addresses } = await startDev(here, await freePort())
    const [server] = await processesOf(here)
    process.kill(Number(server?.trim().split(' ')[0]), 'SIGKILL')
    expect((await running.result).code).toBe(6)
    expect(running.said()).toContain(`The Temporal dev server at ${addresses.address} ended by itself`)
    await goneAfterwards(here, addresses)
  })

  test('told to stop while it starts, it stops what it had started', MINUTES, async (context) => {
    const here = await install(context)
    const running = here.startCommand('dev', '--port', String(await freePort()))
    await until('it starts a server', () => running.wrote().includes('Starting a Temporal dev server'))
    running.signal('SIGINT')
    expect((await running.result).code).toBe(130)
    expect(await processesOf(here)).toEqual([])
  })

  test.for([['0'], ['70000'], ['ten']])('--port %s is a wrong command', async ([port], context) => {
    const here = await install(context)
    expect(await here.command('dev', '--port', port!)).toMatchObject({ code: 2, stderr: expect.stringContaining('--port') })
  })
})
