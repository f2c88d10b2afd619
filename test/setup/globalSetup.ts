/** Starts one Temporal dev server for the whole test run. Its address, or why there is none, goes to the suites that ask `testServer()`. */
import type { TestProject } from 'vitest/node'
import { asDaybreakError, type Problem } from '../../engine/protocol/errors.js'
import { startDevServer } from '../../worker/dev/devServer.js'

declare module 'vitest' {
  interface ProvidedContext {
    temporal: { readonly address: string } | { readonly problem: Problem }
  }
}

/** Without a server the suites that need none still run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (line: string) => void process.stderr.write(`${line}\n`)
  try {
    const server = await startDevServer({ env: process.env, say })
    project.provide('temporal', { address: server.address })
    return () => server.stop()
  } catch (error) {
    project.provide('temporal', { problem: asDaybreakError(error).problem })
    return async () => {}
  }
}
