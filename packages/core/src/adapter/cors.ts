/**
 * Whether we speak of CORS beside what the host has said already, `allowed` being its `Access-Control-Allow-Origin`:
 * where it has let this origin in, we have nothing to add but the answer to a preflight that it left to us.
 */
export const speaksOfCors = (
  asked: boolean | undefined,
  method: string | undefined,
  origin: string | null | undefined,
  allowed: unknown,
): boolean => asked === true && (method === 'OPTIONS' || !allowed || allowed !== origin)
