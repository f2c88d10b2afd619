/** Whether anybody listens at an address is asked before a dev server is started there, and before it is talked to. */
import { connect } from 'node:net'

/** @param address host and port, such as `127.0.0.1:7233` */
export function listens(address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect(Number(port), host)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
