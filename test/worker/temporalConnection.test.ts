import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectClient, fixedTarget, temporalTarget } from '../../worker/temporalConnection.js'
import { freePort } from '../setup/freePort.js'
import { testServer } from '../setup/server.js'

test('the environment names the server; without a word it is the local one', () => {
  expect(temporalTarget({ TEMPORAL_CONFIG_FILE: '/nowhere.toml' })).toMatchObject({ address: '127.0.0.1:7233', namespace: 'default' })
  const env = { TEMPORAL_ADDRESS: 'temporal.example.org:7233', TEMPORAL_NAMESPACE: 'predictions', TEMPORAL_CONFIG_FILE: '/nowhere.toml' }
  expect(temporalTarget(env)).toMatchObject({ address: 'temporal.example.org:7233', namespace: 'predictions' })
})

test('settings that cannot be read are told apart from a server that is away', () => {
  expect(() => temporalTarget({ TEMPORAL_PROFILE: 'none of mine', TEMPORAL_CONFIG_FILE: '/nowhere.toml' })).toThrow(
    expect.objectContaining({ code: 'UsageInvalid' }),
  )
})

test('a server that is there is connected to', async () => {
  const { address } = await testServer()
  const connection = await connectClient(fixedTarget(address))
  onTestFinished(() => connection.close())
  await expect(connection.workflowService.getSystemInfo({})).resolves.toMatchObject({ serverVersion: expect.stringMatching(/\d/) })
})

test('where nobody listens it is said at once, with the address', async () => {
  const address = `127.0.0.1:${await freePort()}`
  const startedMs = Date.now()
  await expect(connectClient(fixedTarget(address))).rejects.toMatchObject({
    code: 'ServerUnreachable',
    message: `no Temporal server answers at ${address}`,
  })
  expect(Date.now() - startedMs).toBeLessThan(2000)
})

test('what listens and is no Temporal server is not waited for without end', async () => {
  const server = createServer((socket) => {
    // Who hangs up in the middle is no matter here.
    socket.on('error', () => {})
    socket.end('who is there?')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  await expect(connectClient(fixedTarget(`127.0.0.1:${port}`))).rejects.toMatchObject({ code: 'ServerUnreachable' })
})
