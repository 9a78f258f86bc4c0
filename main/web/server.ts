import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Core } from '../core/core.ts'
import { errorShape, StrandError } from '../core/errors.ts'
import { staticFile } from '../core/staticFiles.ts'
import { createAccess } from './access.ts'
import { connect } from './socket.ts'
import { receiveUpload } from './upload.ts'

export interface WebFront {
  /** With the token; opening it once sets the cookie. */
  readonly url: string
  close(): Promise<void>
}

const UPLOAD = '/upload/'
/** One call's input: ids, paths and options, never data. */
const MAX_MESSAGE = 4 * 1024 * 1024

/** Serves the renderer in `root` and the core's calls on 127.0.0.1 only. `port` 0 takes a free one. */
export async function startWebFront(core: Core, root: string, port = 0): Promise<WebFront> {
  const access = createAccess()
  // a large file over a slow tunnel takes as long as it takes
  const server = createServer({ requestTimeout: 0 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' ? new StrandError('busy', `Port ${port} is in use; choose another with STRAND_PORT.`, { port }) : error,
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const own = (server.address() as AddressInfo).port
  const allowed = (request: IncomingMessage): boolean => access.ours(request, own) && access.hasCookie(request, own)

  const upload = async (request: IncomingMessage, response: ServerResponse, encoded: string): Promise<void> => {
    try {
      const path = await receiveUpload(request, await core.uploadsDir(), decodeName(encoded))
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path }))
    } catch (error) {
      const shape = errorShape(error)
      if (response.destroyed) return
      // the rest of the body is not read: close instead of pretending to keep the connection
      const status = shape.code === 'disk-full' ? 507 : shape.code === 'busy' ? 409 : 400
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify({ error: shape }))
    }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number, text: string): void =>
      void response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(text)
    if (!access.ours(request, own)) return refuse(403, 'forbidden')
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://127.0.0.1:${own}`)
    const reading = request.method === 'GET' || request.method === 'HEAD'
    if (reading && pathname === '/' && access.isToken(searchParams.get('token'))) {
      // out of the address bar and the history at once
      response
        .writeHead(302, { location: '/', 'set-cookie': access.cookie(own), 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
        .end()
      return
    }
    if (!access.hasCookie(request, own))
      return refuse(403, 'Strand opens only with the address it printed when it started, token included.')
    if (request.method === 'PUT' && pathname.startsWith(UPLOAD)) return upload(request, response, pathname.slice(UPLOAD.length))
    if (!reading) return refuse(405, 'not allowed')
    const { status, headers, body } = await staticFile(root, pathname)
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
  }

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE })
  server.on('request', (request, response) => {
    handle(request, response).catch((error: unknown) => {
      console.error(error)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // a page of another origin always sends its Origin, and `ours` refuses it
    if (!allowed(request) || request.url !== '/rpc') return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (page) => connect(page, core))
  })

  return {
    url: `http://127.0.0.1:${own}/?token=${access.token}`,
    async close() {
      for (const page of sockets.clients) page.terminate()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw new StrandError('bad-input', 'The uploaded file has a name that is not valid UTF-8; rename it.')
  }
}
