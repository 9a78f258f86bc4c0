import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Access {
  readonly token: string
  /**
   * The request comes from our own page: its Host is this server (a name that was rebound to 127.0.0.1 is not)
   * and its Origin, where the browser sends one, is this server too. Checked before any token is looked at.
   */
  ours(request: IncomingMessage, port: number): boolean
  isToken(candidate: string | null): boolean
  hasCookie(request: IncomingMessage, port: number): boolean
  cookie(port: number): string
}

export function createAccess(): Access {
  const token = randomBytes(32).toString('base64url')
  const expected = Buffer.from(token)
  const isToken = (candidate: string | null): boolean => {
    const given = Buffer.from(candidate ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
  // cookies ignore the port, so two Strands on one machine need two names
  const name = (port: number): string => `strand_${port}`
  return {
    token,
    ours({ headers }, port) {
      // localhost too, for an SSH tunnel; it cannot be rebound
      const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
      if (!hosts.includes(headers.host ?? '')) return false
      return headers.origin === undefined || headers.origin === `http://${headers.host}`
    },
    isToken,
    hasCookie({ headers }, port) {
      const cookies = (headers.cookie ?? '').split(/; */)
      const own = cookies.find((cookie) => cookie.startsWith(`${name(port)}=`))
      return own !== undefined && isToken(own.slice(name(port).length + 1))
    },
    cookie: (port) => `${name(port)}=${token}; HttpOnly; SameSite=Strict; Path=/`,
  }
}
