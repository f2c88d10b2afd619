import { expect, test } from 'vitest'
import type { LogEntry, StepContext } from '../../activities/context.js'
import { ping } from '../../activities/ping.js'
import { readSettings } from '../../engine/loader/settings.js'
import { freePort } from '../setup/freePort.js'
import { receive } from '../setup/httpReceiver.js'

async function pinged(url?: string) {
  const log: LogEntry[] = []
  const settings = readSettings(url === undefined ? {} : { DAYBREAK_HEARTBEAT_URL: url })
  const context = { settings, code: '', log: (entry: LogEntry) => log.push(entry) } as unknown as StepContext
  const outcome = await ping(context, undefined, { onProgress: () => {}, signal: new AbortController().signal })
  return { outcome, said: log.map(({ message }) => message).join() }
}

test('a watcher is asked once, and without one nobody is', async (context) => {
  const { url, received } = await receive(context)
  expect(await pinged(url)).toEqual({ outcome: 'pinged', said: '' })
  expect(received).toHaveLength(1)
  expect(await pinged()).toEqual({ outcome: 'not-configured', said: '' })
})

test('a watcher that refuses, is away or is none harms nothing, and its address is not said', async (context) => {
  const { url } = await receive(context, { status: 500 })
  for (const [address, why] of [
    [url, 'it answered 500'],
    [`http://127.0.0.1:${await freePort()}/secret`, 'it cannot be reached'],
    ['file:///secret', 'it is not a web address'],
    ['secret', 'it is not a web address'],
  ] as const) {
    const { outcome, said } = await pinged(address)
    expect([outcome, said.endsWith(why)]).toEqual(['failed', true])
    expect(said).not.toMatch(/secret|127\.0\.0\.1/)
  }
})
