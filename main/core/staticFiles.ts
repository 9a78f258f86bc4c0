import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

const MIME: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Nothing is loaded from anywhere but Strand itself. Styles may be inline: Vue and ECharts set them on elements. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface StaticAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer | string
}

/** The renderer's file at a URL path, or 403 outside its folder, or 404. `/` is index.html. */
export async function staticFile(root: string, pathname: string): Promise<StaticAnswer> {
  const plain = { 'content-type': 'text/plain; charset=utf-8' }
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return { status: 400, headers: plain, body: 'bad path' }
  }
  const file = normalize(join(root, decoded === '/' ? 'index.html' : decoded))
  if (!file.startsWith(root + sep) || decoded.includes('\0')) return { status: 403, headers: plain, body: 'forbidden' }
  const body = await readFile(file).catch(() => null)
  if (!body) return { status: 404, headers: plain, body: 'not found' }
  return {
    status: 200,
    headers: {
      'content-type': MIME[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      // hashed names never change; the page that names them must be asked for each time
      'cache-control': decoded.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
    },
    body,
  }
}
