/** SQLite below the library: the runtime's own where it has one, else libsql, which is also what the library takes. */

interface Statement {
  get(...params: unknown[]): unknown
  all(...params: unknown[]): unknown[]
  run(...params: unknown[]): unknown
}

interface Connection {
  prepare(text: string): Statement
  exec(text: string): unknown
  close(): void
}

type Driver = new (path: string) => Connection

async function loadDriver(): Promise<Driver> {
  const name = 'node:sqlite'
  const node = (await import(name).catch(() => undefined)) as { readonly DatabaseSync: Driver } | undefined
  return node ? node.DatabaseSync : ((await import('libsql')).default as unknown as Driver)
}

/** Asks a file one question after the other. */
export async function query(path: string, texts: readonly string[]): Promise<unknown[][]> {
  const database = new (await loadDriver())(path)
  try {
    return texts.map((text) => database.prepare(text).all())
  } finally {
    database.close()
  }
}

/** Changes a file. */
export async function execute(path: string, text: string): Promise<void> {
  const database = new (await loadDriver())(path)
  try {
    database.exec(text)
  } finally {
    database.close()
  }
}

/** Runs every statement of this process through `around` from now on. */
export async function intercept(around: (text: string, run: () => unknown) => unknown): Promise<void> {
  const probe = new (await loadDriver())(':memory:')
  const ofDatabases = Object.getPrototypeOf(probe) as Connection
  const ofStatements = Object.getPrototypeOf(probe.prepare('select 1')) as Record<string, Statement['run']>
  probe.close()

  const texts = new WeakMap<object, string>()
  const { prepare, exec } = ofDatabases
  ofDatabases.prepare = function (text) {
    const statement = prepare.call(this, text)
    texts.set(statement, text)
    return statement
  }
  ofDatabases.exec = function (text) {
    return around(text, () => exec.call(this, text))
  }
  // One method of a driver may use another.
  let inside = false
  for (const name of ['get', 'all', 'run']) {
    const method = ofStatements[name] as Statement['run']
    ofStatements[name] = function (this: object, ...params) {
      if (inside) return method.apply(this, params)
      return around(texts.get(this) ?? '', () => {
        inside = true
        try {
          return method.apply(this, params)
        } finally {
          inside = false
        }
      })
    }
  }
}
