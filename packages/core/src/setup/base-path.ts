/** Whether requests can be for a base path: clients send paths percent-encoded and without dots to resolve. */
import type { Problem } from '../lib/errors.ts'

export function checkBasePath(basePath: string, problems: Problem[]): void {
  const absolute = basePath === '' || basePath.startsWith('/') ? basePath : `/${basePath}`
  const sent = new URL(`http://localhost${absolute}`).pathname.replace(/\/$/, '')
  if (sent === basePath) return
  problems.push({
    code: 'BASE_PATH_INVALID',
    message: `no request can be for the base path ${JSON.stringify(basePath)}: clients ask for ${JSON.stringify(sent)}`,
    seen: JSON.stringify(basePath),
    expected: 'a path as it goes over the wire',
    fix: `set basePath: '${sent}'`,
  })
}
