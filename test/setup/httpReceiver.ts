/** Serves on loopback, as a webhook or a watcher would, and keeps what it is sent. It is gone when its test has ended. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'vitest'

export interface Received {
  readonly path: string
  readonly body: string
  readonly atMs: number
}

export interface Answer {
  /** 0: takes the post and breaks the connection without an answer. */
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** @param answers given in turn, the last one for good; default 200 */
export async function receive(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  ...answers: readonly Answer[]
): Promise<{ readonly received: readonly Received[]; readonly url: string }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { status, headers = {} } = answers[Math.min(received.length, answers.length - 1)] ?? { status: 200 }
      received.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString(), atMs: Date.now() })
      if (status === 0) request.socket.destroy()
      else response.writeHead(status, headers).end(status === 200 ? 'ok' : 'no')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/secret-of-the-webhook` }
}
