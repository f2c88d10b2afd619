/** An address is taken while somebody listens there, and free before and after. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { listens } from '../../../worker/dev/listens.js'

test('an address is taken as long as somebody listens', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await listens(address)).toBe(true)
  server.close()
  await once(server, 'close')
  expect(await listens(address)).toBe(false)
})
