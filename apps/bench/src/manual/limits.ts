/** What keeps a goal from being met, by how its line begins, and how that was found. */
const limits: Readonly<Record<string, string>> = {
  'Work of a request, sign':
    'a processor profile has no single cause: first come SQLite’s own work (30 %) and the reading of the `Request` (a fifth), and no function of ours takes above a fiftieth. The floor has no limits per address and account, no check of origins, no tokens that are hashed at rest, and writes a session without asking whether what it rests on still stands.',
  'Heap per answer, get-session':
    'the floor’s column is what the platform’s own `Request`, `Response` and `Headers` take, and the rows of a driver.',
  'Heap per answer, auth.api.getSession':
    'a row of text becomes a session and a user with five dates, once as they are stored and once as they are shown.',
  'Hashing, sign-in':
    'the floor, which looks a user up, hashes and writes a session, and nothing else, is above it as well: its column says how far.',
  'Guard on express':
    'Express gives each request another prototype than it was made with, after which V8 knows no access to it again: what any guard reads of a request is dear there.',
  'Bridge,':
    'our handlers get a `Request` of the platform and give its `Response`; @hono/node-server puts objects of its own in the place of both, which are cheaper to make.',
  'Start, import and create':
    'Node reads some 120 files one by one. Bundled into one they take 40 % less, which was measured with esbuild; unbundled, an app’s own bundler leaves out all that it does not use.',
  'Bundle, server':
    'by esbuild’s list, 114 modules of which none has more than a fifteenth: valibot is the largest, then the options and their checks, sessions, cookies, limits and origins.',
  'Bundle, with driver': 'the same, and the loader of `libsql`.',
  'Bundle, client': 'it is the protocol’s own client, the same for both.',
}

/** The reason for a missed goal, where there is one that holds on every machine. */
export const limitOf = (missed: string): string | undefined =>
  Object.entries(limits).find(([start]) => missed.startsWith(start))?.[1]
