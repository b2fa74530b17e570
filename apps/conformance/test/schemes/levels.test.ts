import { controller, createApi, endpoint, group, type LevelAuth, type Scheme } from '@keystile/core/api'
import { expect, it } from 'vitest'
import { jsonOf, recorded } from './recorded.ts'

interface Combination {
  readonly settings: string
  readonly controller: string
  readonly endpoint: string
  readonly status: number
  readonly body: unknown
  readonly asked: readonly string[]
  readonly security: '(absent)' | readonly Record<string, readonly string[]>[]
  readonly declares_401: boolean
}
type WithGroup = [
  settings: string,
  controller: string,
  group: string,
  endpoint: string,
  status: number,
  asked: string[],
]

const three = recorded<{ cases: (Combination | { case: string })[] }>('levels').cases.filter(
  (one): one is Combination => !('case' in one),
)
const four = recorded<{ cases: WithGroup[] }>('levels4').cases

function setup(levels: Readonly<Record<'settings' | 'controller' | 'group' | 'endpoint', string>>, asked: string[]) {
  const auth = (level: keyof typeof levels): LevelAuth | undefined => {
    const scheme: Scheme = {
      name: level,
      securitySchemes: {},
      requirement: { [level]: [] },
      responses: { 401: 'no' },
      authenticate() {
        asked.push(level)
        return levels[level] === 'passes' ? { identity: level } : null
      },
    }
    switch (levels[level]) {
      case 'absent':
        return undefined
      case 'null':
        return null
      case 'empty':
        return []
      default:
        return [scheme]
    }
  }
  const get = endpoint({ method: 'GET', auth: auth('endpoint') as undefined }, ({ auth }) =>
    auth ? `by ${auth.scheme}` : 'open',
  )
  return createApi({
    errors: 'detail',
    challenge: false,
    strictLevels: false,
    logger: { disabled: true },
    schemes: auth('settings') as readonly Scheme[] | undefined,
    controllers: [
      controller('/c/', {
        auth: auth('controller'),
        endpoints: { group: group({ auth: auth('group'), endpoints: { get } }) },
      }),
    ],
  })
}

const ask = (api: ReturnType<typeof setup>) => api.handler(new Request('http://localhost/api/c/'))

it('100 combinations of three levels answer as recorded', async () => {
  for (const { status, body, asked, security, declares_401: _, ...levels } of three) {
    const seen: string[] = []
    const api = setup({ ...levels, group: 'absent' }, seen)
    const answer = await ask(api)
    const requirements = api.operations[0]?.endpoint.auth.map((scheme) => scheme.requirement) ?? []
    const found = { status: answer.status, body: await jsonOf(answer), asked: seen, requirements }
    expect(found, JSON.stringify(levels)).toEqual({
      status,
      body,
      asked,
      requirements: security === '(absent)' ? [] : security,
    })
  }
  expect(three).toHaveLength(100)
})

it('500 combinations of four levels answer as recorded', async () => {
  for (const [settings, controller, group, endpoint, status, asked] of four) {
    const seen: string[] = []
    const answer = await ask(setup({ settings, controller, group, endpoint }, seen))
    expect([answer.status, seen], `${settings} ${controller} ${group} ${endpoint}`).toEqual([status, asked])
  }
  expect(four).toHaveLength(500)
})
