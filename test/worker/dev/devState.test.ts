import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { claimDevState } from '../../../worker/dev/devState.js'
import { freePort } from '../../setup/freePort.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const home = temporaryFolder()

/** An address at which somebody listens. */
async function taken(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

test('the first one has it, and another one is told who and where', async () => {
  const address = await taken()
  const { dbFile } = await claimDevState(home.path(), address)
  expect(dbFile).toBe(home.path('.dev', 'temporal.db'))
  await expect(claimDevState(home.path(), '127.0.0.1:1')).rejects.toMatchObject({
    code: 'UsageInvalid',
    message: expect.stringContaining(`process ${process.pid}, server ${address}`),
  })
})

test('one that has ended properly leaves nothing but its database', async () => {
  const state = await claimDevState(home.path(), await taken())
  await writeFile(state.dbFile, '')
  await state.release()
  expect(await readdir(home.path('.dev'))).toEqual(['temporal.db'])
  await expect(claimDevState(home.path(), await taken())).resolves.toMatchObject({ dbFile: state.dbFile })
})

test.each([
  ['whose process is dead', async () => ({ pid: 2 ** 30, address: await taken() })],
  ['whose number another process has by now', async () => ({ pid: process.pid, address: `127.0.0.1:${await freePort()}` })],
])('one that was killed, %s, holds nobody up', async (_whose, left) => {
  await claimDevState(home.path(), '127.0.0.1:1')
  await writeFile(home.path('.dev', 'dev.json'), JSON.stringify(await left()))
  await claimDevState(home.path(), '127.0.0.1:2')
  expect(JSON.parse(await readFile(home.path('.dev', 'dev.json'), 'utf8'))).toEqual({ pid: process.pid, address: '127.0.0.1:2' })
})
