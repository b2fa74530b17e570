/** What a key is derived from beside the password, and what a platform offers to derive it. */
export interface Argon2Recipe {
  readonly kind: 'argon2'
  readonly variety: 'argon2d' | 'argon2i' | 'argon2id'
  /** 0x10 or 0x13 (RFC 9106, 3.1). */
  readonly version: 16 | 19
  /** Memory in KiB. */
  readonly m: number
  /** Passes over it. */
  readonly t: number
  /** Lanes. */
  readonly p: number
  readonly salt: Uint8Array
  /** Of the key, in bytes; here and below. */
  readonly length: number
}

export interface ScryptRecipe {
  readonly kind: 'scrypt'
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: Uint8Array
  readonly length: number
}

export interface Pbkdf2Recipe {
  readonly kind: 'pbkdf2'
  readonly digest: 'sha1' | 'sha256'
  readonly iterations: number
  readonly salt: Uint8Array
  readonly length: number
}

export interface BcryptRecipe {
  readonly kind: 'bcrypt'
  /** Binary logarithm of the rounds. */
  readonly cost: number
  /** 22 characters of bcrypt's own base64. */
  readonly salt: string
  /** Whether bcrypt gets the hexadecimal SHA-256 of the password instead, as Django's `bcrypt_sha256` has it. */
  readonly prehash: boolean
}

/** All that a key depends on beside the password. */
export type Recipe = Argon2Recipe | ScryptRecipe | Pbkdf2Recipe | BcryptRecipe

/** The key of a password under a recipe; bcrypt's is the UTF-8 of its 31 characters. */
export type Kdf = (password: string, recipe: Recipe) => Promise<Uint8Array>

/** What derives a key by one function, given the password's bytes. */
export type Engine<R extends Recipe> = (password: Uint8Array, recipe: R) => Promise<Uint8Array>

/** Engines yet to be loaded, best first; loading one may fail. */
export type Engines<R extends Recipe> = readonly (() => Promise<Engine<R>>)[]

/** What `#kdf` exports. */
export interface Platform {
  /** Native ones; each may know some versions of argon2 only. */
  readonly argon2Engines: Engines<Argon2Recipe>
  /** Native ones; the password is what bcrypt gets, hashed before or not. */
  readonly bcryptEngines: Engines<BcryptRecipe>
  scrypt(password: Uint8Array, recipe: ScryptRecipe): Promise<Uint8Array>
  pbkdf2(password: Uint8Array, recipe: Pbkdf2Recipe): Promise<Uint8Array>
}
