import { spawn } from 'node:child_process'

/** Opens the default browser where there is a display to open it on. Failing is fine: the address was printed. */
export function openBrowser(url: string): void {
  if (process.env.STRAND_NO_OPEN) return
  const { platform, env } = process
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return
  const [command, args] =
    platform === 'darwin' ? ['open', [url]] : platform === 'win32' ? ['cmd', ['/c', 'start', '', url]] : ['xdg-open', [url]]
  const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
