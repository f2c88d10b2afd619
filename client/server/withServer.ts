/** A command that talks to the server of the environment gets a connection, which is closed at its end, with settings and output. */
import { readSettings, type Settings } from '../../engine/loader/settings.js'
import { temporalTarget } from '../../worker/temporalConnection.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, type Output } from '../terminal/output.js'
import { openServer, type Server } from './openServer.js'

/** @throws ServerUnreachable */
export async function withServer(
  options: CommonOptions,
  work: (server: Server, settings: Settings, output: Output) => Promise<number>,
): Promise<number> {
  const settings = readSettings(process.env, options)
  const server = await openServer(temporalTarget(process.env))
  try {
    return await work(server, settings, makeOutput(options.json === true))
  } finally {
    await server.close()
  }
}
